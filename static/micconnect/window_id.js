/** How the server tells the windows of one person apart: each has a name of its own, drawn at random. */

/** A name that no other window has. */
export function newWindowId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
