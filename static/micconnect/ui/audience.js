/** The page of the audience. */

import { Audience } from "./audience_actions.js";
import { audienceView } from "./audience_view.js";

const audience = new Audience();
audience.start((state) => audienceView(state, audience));
