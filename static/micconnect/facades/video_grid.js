/** A plain grid of the people on air, for LiveCoreView: one box for each, with picture, name, and an overlay. */

/** @typedef {import("../protocol.js").ConnectedUser} ConnectedUser */
/** @typedef {import("./line.js").Line} Line */

/**
 * Makes and renews what lies over each person's picture.
 * @typedef {object} VideoViewDelegate
 * @property {(userInfo: ConnectedUser) => HTMLElement | null} createCoGuestView
 * @property {(userInfo: ConnectedUser, coGuestView: HTMLElement) => void} [updateCoGuestView]
 */

/**
 * @typedef {object} Box
 * @property {HTMLElement} element
 * @property {HTMLVideoElement} video
 * @property {HTMLElement} name
 * @property {HTMLElement | null} overlay
 */

const PREVIEW = "preview";

export class VideoGrid {
  /** @type {Map<string, Box>} by connection id, with the kind of picture */
  #boxes = new Map();
  /** @type {VideoViewDelegate | null} */
  #delegate = null;
  #container;
  #line;

  /**
   * @param {HTMLElement} container  gets a `div.mic-box` for each person
   * @param {Line} line
   */
  constructor(container, line) {
    this.#container = container;
    this.#line = line;
  }

  /** @param {VideoViewDelegate | null} delegate */
  setDelegate(delegate) {
    this.#delegate = delegate;
    for (const { element } of this.#boxes.values()) element.remove();
    this.#boxes.clear();
    this.draw();
  }

  /** Shows what is so now. */
  draw() {
    const { connectedUsers, me } = this.#line.state ?? { connectedUsers: [], me: null };
    const kept = new Set();
    for (const user of connectedUsers) {
      kept.add(this.#show(user.connectionId, this.#line.picture(user, "camera"), user));
      if (user.screen === "open") {
        kept.add(this.#show(`screen ${user.connectionId}`, this.#line.picture(user, "screen"), user));
      }
    }
    if (!me?.connection && this.#line.capture.media === "video") {
      kept.add(this.#show(PREVIEW, this.#line.capture.stream, null));
    }
    for (const [key, { element, video }] of this.#boxes) {
      if (kept.has(key)) continue;
      video.srcObject = null;
      element.remove();
      this.#boxes.delete(key);
    }
  }

  /**
   * @param {string} key
   * @param {MediaStream | null} stream
   * @param {ConnectedUser | null} user  null for the own preview
   */
  #show(key, stream, user) {
    const box = this.#boxes.get(key) ?? this.#add(key, user);
    if (box.video.srcObject !== stream) box.video.srcObject = stream; // one given its stream anew starts over
    box.video.hidden = !stream;
    box.name.textContent = user?.userName ?? "";
    Object.assign(box.element.dataset, { seat: user ? String(user.seatIndex) : "", user: user?.userId ?? "" });
    box.element.dataset.state = user?.state ?? "";
    if (user && box.overlay) this.#delegate?.updateCoGuestView?.(user, box.overlay);
    return key;
  }

  /** @param {string} key @param {ConnectedUser | null} user */
  #add(key, user) {
    const page = this.#container.ownerDocument;
    const element = page.createElement("div");
    const video = page.createElement("video");
    const name = page.createElement("span");
    const overlay = user ? (this.#delegate?.createCoGuestView(user) ?? null) : null;
    element.className = "mic-box";
    name.dir = "auto"; // whichever direction it is written in, it turns nothing but itself
    Object.assign(video, { autoplay: true, muted: true, playsInline: true });
    element.append(video, name, ...(overlay ? [overlay] : []));
    this.#container.append(element);
    const box = { element, video, name, overlay };
    this.#boxes.set(key, box);
    return box;
  }
}
