/** What the example pages share: the room of the page, buttons, lists of people, pictures and the list of events. */

import { roomOpener } from "../facades/line.js";
import { fetchTicket, readConfig, saveName } from "../ui/config.js";

/** @typedef {{userId: string, userName: string}} Someone */

export const config = readConfig();
export const isHost = config.role === "host";

const server = new URL(config.serverPath, location.href);
server.protocol = server.protocol === "https:" ? "wss:" : "ws:";
const openRoom = roomOpener({ server, fetchTicket: () => fetchTicket(config) });

/**
 * Opens rooms as an application does; what was opened can be looked at from the browser's console.
 * @type {import("../facades/line.js").OpenRoom}
 */
export function open(roomId, capture) {
  const opened = openRoom(roomId, capture);
  Object.assign(globalThis, { micRoom: opened.room, micMedia: opened.media });
  return opened;
}

/** @param {string} id */
export function element(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/**
 * Adds a line to the list of events.
 * @param {string} name
 * @param {string} [text]
 */
export function log(name, text = "") {
  const line = document.createElement("li");
  line.dataset.event = name;
  const said = document.createElement("bdi");
  said.textContent = text;
  line.append(text ? `${name}: ` : name, said);
  element("events").append(line);
}

/**
 * Runs a task and shows why it failed.
 * @param {() => unknown} task
 */
export async function run(task) {
  element("error").textContent = "";
  try {
    await task();
  } catch (error) {
    const { code, name, message } = /** @type {import("../facades/errors.js").FacadeError} */ (error);
    element("error").textContent = `${code} ${name}: ${message}`;
  }
}

/**
 * @param {string} id  of a button; pages of hosts and of the audience have different ones
 * @param {() => unknown} task
 */
export function button(id, task) {
  document.getElementById(id)?.addEventListener("click", () => void run(task));
}

document.getElementById("naming")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const name = new FormData(/** @type {HTMLFormElement} */ (event.target)).get("name");
  void run(async () => {
    await saveName(config, String(name));
    location.reload();
  });
});

/** @param {Someone[]} people */
export function names(people) {
  return people.map(({ userName }) => userName).join(", ") || "nobody";
}

/** @type {Map<string, string>} what each list shows, so that no button is replaced under somebody's finger */
const shown = new Map();

/**
 * Draws a list of people, each with buttons; only hosts have such lists.
 * @param {string} id
 * @param {Someone[]} people
 * @param {Record<string, (someone: Someone) => unknown>} actions  by the text of the button
 */
export function rows(id, people, actions) {
  const now = JSON.stringify(people);
  if (shown.get(id) === now) return;
  shown.set(id, now);
  const drawn = people.map((someone) => {
    const row = document.createElement("li");
    row.dataset.user = someone.userId;
    const name = document.createElement("bdi");
    name.textContent = someone.userName;
    row.append(name, " ");
    for (const [text, action] of Object.entries(actions)) {
      const act = document.createElement("button");
      act.type = "button";
      act.textContent = text;
      act.addEventListener("click", () => void run(() => action(someone)));
      row.append(act, " ");
    }
    return row;
  });
  document.getElementById(id)?.replaceChildren(...drawn);
}

/** @type {Map<string, {box: HTMLElement, video: HTMLVideoElement}>} by user id */
const faces = new Map();

/**
 * One picture for each person; somebody who stays keeps the element.
 * @param {Someone[]} people
 * @param {(userId: string, video: HTMLVideoElement | null) => void} show  null when the person is gone
 */
export function drawFaces(people, show) {
  for (const [userId, { box }] of faces) {
    if (people.some((someone) => someone.userId === userId)) continue;
    show(userId, null);
    box.remove();
    faces.delete(userId);
  }
  for (const { userId, userName } of people) {
    if (faces.has(userId)) continue;
    const [box, video, name] = [
      document.createElement("div"),
      document.createElement("video"),
      document.createElement("span"),
    ];
    box.className = "mic-box";
    box.dataset.user = userId;
    Object.assign(video, { autoplay: true, muted: true, playsInline: true });
    name.dir = "auto";
    name.textContent = userName;
    box.append(video, name);
    element("people").append(box);
    faces.set(userId, { box, video });
    show(userId, video);
  }
}
