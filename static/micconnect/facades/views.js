/** Where pictures show: a video element, any other element, or the id of one, as the seed system takes them. */

import { refuse } from "./errors.js";

/**
 * Whatever takes a stream: a video element, or what a program made itself.
 * @typedef {{srcObject: MediaProvider | null}} Screen
 */

/**
 * What a program may give. An element that is no video gets one of its own, which fills it.
 * @typedef {string | HTMLElement | Screen} View
 */

/**
 * One place where a picture shows.
 * @typedef {object} Place
 * @property {HTMLElement | Screen} target  what the program gave, looked up
 * @property {Screen} screen
 * @property {() => void} end  takes away what was added for the showing
 */

/**
 * The element of an id, or the element itself.
 * @param {unknown} view
 * @returns {HTMLElement}
 * @throws {import("./errors.js").FacadeError} -1001 when there is none
 */
export function elementOf(view) {
  const page = globalThis.document;
  const element = typeof view === "string" ? page?.getElementById(view) : view;
  if (isElement(element)) return element;
  const what = typeof view === "string" ? `The page has no element with the id "${view}".` : "This is no element.";
  throw refuse("BAD_PARAMETER", `${what} Give the id of an element, or the element.`, { view: String(view) });
}

/**
 * The places of a view, or of several.
 * @param {View | View[] | null | undefined} given  null ends the showing
 * @param {readonly Place[]} before  where the picture shows now; what is not given again is ended
 * @returns {Place[]}
 * @throws {import("./errors.js").FacadeError} -1001 for what is no view; nothing is changed then
 */
export function placesOf(given, before) {
  const views = given === null || given === undefined || given === "" ? [] : Array.isArray(given) ? given : [given];
  const targets = new Set(views.map((view) => (isScreen(view) ? view : elementOf(view)))); // the id of a video is that video
  for (const { target, end } of before) if (!targets.has(target)) end();
  return [...targets].map((target) => before.find((place) => place.target === target) ?? placeOf(target));
}

/** @param {HTMLElement | Screen} target @returns {Place} */
function placeOf(target) {
  if (isScreen(target)) return { target, screen: target, end: () => clear(target) };
  const video = target.ownerDocument.createElement("video");
  Object.assign(video, { autoplay: true, muted: true, playsInline: true });
  Object.assign(video.style, { width: "100%", height: "100%", objectFit: "contain" });
  target.append(video);
  const end = () => {
    clear(video);
    video.remove();
  };
  return { target, screen: video, end };
}

/** @param {Screen} screen */
function clear(screen) {
  screen.srcObject = null;
}

/** @param {unknown} view @returns {view is Screen} */
function isScreen(view) {
  return typeof view === "object" && view !== null && "srcObject" in view;
}

/** @param {unknown} view @returns {view is HTMLElement} */
function isElement(view) {
  return typeof view === "object" && view !== null && "ownerDocument" in view && "append" in view;
}
