/** The page of the host. */

import { Studio } from "./studio_actions.js";
import { studioView } from "./studio_view.js";

const studio = new Studio();
studio.page.start((state) => studioView(state, studio));
