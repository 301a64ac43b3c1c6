/** The few parts of lit-html that the pages use, in one place, so that a new version is one line. */

export { html, nothing, render, svg } from "../../vendor/lit-html-3.3.3/lit-html.js";
export { live } from "../../vendor/lit-html-3.3.3/directives/live.js";
export { ref } from "../../vendor/lit-html-3.3.3/directives/ref.js";
export { repeat } from "../../vendor/lit-html-3.3.3/directives/repeat.js";
