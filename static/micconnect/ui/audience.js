/** The page of the audience; a helper of the host has the staff's controls on it, too. */

import { Audience } from "./audience_actions.js";
import { audienceView } from "./audience_view.js";

const audience = new Audience();
audience.page.start((state) => audienceView(state, audience));
