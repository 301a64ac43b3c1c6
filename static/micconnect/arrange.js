/** Who and what a room shows large: the same for those who draw it and for those who send their picture. */

/** @typedef {import("./protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("./protocol.js").LiveInfo} LiveInfo */

/**
 * What the stage shows. `grid`: all alike. `side`: the main tile large, the others in a row beside or below it.
 * `float`: the main tile fills the stage, the others lie on its edge.
 * @typedef {object} Arrangement
 * @property {"grid" | "side" | "float"} mode
 * @property {"screen" | number | null} main  the seat shown large, or the shared screen
 * @property {number[]} empty  seats that are shown although nobody sits there
 */

/**
 * @param {Pick<LiveInfo, "options" | "seatCount" | "spotlight">} info
 * @param {Pick<ConnectedUser, "userId" | "seatIndex">[]} users  those that are shown, by seat
 * @param {boolean} hasScreen
 * @returns {Arrangement}
 */
export function arrange({ options: { layout }, seatCount, spotlight }, users, hasScreen) {
  const taken = new Set(users.map(({ seatIndex }) => seatIndex));
  const isFixed = layout === "800" || layout === "801";
  const seats = isFixed ? Array.from({ length: seatCount }, (_, index) => index + 1) : [];
  const empty = seats.filter((seatIndex) => !taken.has(seatIndex));
  const large = users.find(({ userId }) => userId === spotlight);
  if (hasScreen) return { mode: "side", main: "screen", empty };
  if (large) return { mode: "side", main: large.seatIndex, empty };
  const first = users[0]?.seatIndex ?? null; // the host, or whoever is there without the host
  if (layout === "601" || layout === "801") return { mode: "float", main: first, empty };
  if (layout === "200") return { mode: "side", main: first, empty };
  return { mode: "grid", main: null, empty };
}
