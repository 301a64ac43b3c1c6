/** An invitation link is asked after as soon as the page has it: before a name, a device or anything else is asked for. */

import { fetchLinkState, forgetInvite } from "./config.js";
import { LINK_ENDS } from "./words.js";

/** @typedef {import("./config.js").Config} Config */
/** @typedef {import("./state.js").PageState} PageState */

/**
 * What is needed of a page.
 * @typedef {object} Page
 * @property {Config} config
 * @property {import("./announce.js").Announcer} announcer
 * @property {import("./store.js").Store<PageState>} store
 */

export class LinkCheck {
  #asked = "";
  #page;
  #ask;

  /**
   * @param {Page} page
   * @param {typeof fetchLinkState} [ask]
   */
  constructor(page, ask = fetchLinkState) {
    this.#page = page;
    this.#ask = ask;
    page.store.subscribe(({ token }) => {
      if (token && token !== this.#asked) void this.look(token);
    });
  }

  /**
   * Asks what has become of a link. One that leads nowhere is forgotten, and the page says why.
   * @param {string} token
   * @returns {Promise<boolean>} whether it leads nowhere any more
   */
  async look(token) {
    const { announcer, config, store } = this.#page;
    this.#asked = token;
    store.update({ isLinkKnown: false, linkEnd: null });
    /** @type {Awaited<ReturnType<typeof fetchLinkState>>} */
    let found;
    try {
      found = await this.#ask(config, token);
    } catch {
      found = "open"; // not known now: it is asked for again by whoever sits down
    }
    if (store.state.token !== token) return false;
    if (found === "open") {
      store.update({ isLinkKnown: true });
      return false;
    }
    this.forget();
    store.update({ linkEnd: found });
    announcer.polite(LINK_ENDS[found]);
    return true;
  }

  /** The invitation by link was used, declined, or leads nowhere. */
  forget() {
    this.#asked = "";
    forgetInvite();
    this.#page.store.update({ token: "", isLinkKnown: false });
  }
}
