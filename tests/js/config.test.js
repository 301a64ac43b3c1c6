/** The few requests that a page makes besides the socket. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { fetchTicket } from "../../static/micconnect/ui/config.js";

const config = /** @type {any} */ ({ ticketUrl: "/ticket/", csrfToken: "of the page", csrfCookie: "csrftoken" });
const original = globalThis.fetch;

afterEach(() => {
  globalThis.fetch = original;
  delete (/** @type {any} */ (globalThis).document);
});

/**
 * The token that a ticket is asked with while the browser has these cookies.
 * @param {string} [cookie]
 */
async function tokenSent(cookie) {
  /** @type {any} */ (globalThis).document = cookie === undefined ? undefined : { cookie };
  let sent = "";
  globalThis.fetch = /** @type {any} */ (
    async (/** @type {string} */ _url, /** @type {any} */ { headers }) => {
      sent = headers["X-CSRFToken"];
      return { ok: true, json: async () => ({ ticket: "t" }) };
    }
  );
  assert.equal(await fetchTicket(config), "t");
  return sent;
}

test("a window that was open before somebody logged in in another one gets its ticket with the newest token", async () => {
  assert.equal(await tokenSent("mic_guest=g; csrftoken=newest; csrftoken_mic=others"), "newest");
  assert.equal(await tokenSent("csrftoken_mic=others"), "of the page");
  assert.equal(await tokenSent(), "of the page");
});
