/** Up to where each lane of a room was heard: what is new, what is known already, and where something is missing. */

/** @typedef {import("./protocol.js").Callbacks} Callbacks */
/** @typedef {import("./protocol.js").Cursors} Cursors */
/** @typedef {import("./protocol.js").Pong} Pong */
/** @typedef {import("./protocol.js").Role} Role */
/** @typedef {import("./protocol.js").Snapshot} Snapshot */

/**
 * What a frame is to somebody who has heard its lane up to the cursor. `again`: new to the picture, which a snapshot
 * has put back to an older state, but its moments were told before.
 * @typedef {"new" | "again" | "known" | "gap"} News
 */

/**
 * Every lane at one number.
 * @param {number} seq
 */
const all = (seq) => ({ room: seq, staff: seq, me: seq });

/**
 * @param {ReturnType<typeof all>} one
 * @param {ReturnType<typeof all>} other
 */
function atLeast(one, other) {
  return {
    room: Math.max(one.room, other.room),
    staff: Math.max(one.staff, other.staff),
    me: Math.max(one.me, other.me),
  };
}

export class Lanes {
  #heard = all(-1);
  #told = all(-1); // up to where #heard was once, before the snapshot of a process that is a step behind put it back
  #epoch = "";
  #userId = "";
  #canResume = false;

  /**
   * What to go on from; null when only a snapshot will do.
   * @param {Role | null} role  what this page believes to be
   * @returns {Cursors | null}
   */
  cursors(role) {
    return this.#canResume && role ? { epoch: this.#epoch, userId: this.#userId, role, ...this.#heard } : null;
  }

  /** The next line starts with a snapshot. */
  forget() {
    this.#canResume = false;
  }

  /** @param {Snapshot} snapshot */
  restore({ seq, epoch, me }) {
    const isSame = epoch === this.#epoch && me.user.userId === this.#userId;
    this.#told = isSame ? atLeast(this.#told, this.#heard) : all(-1);
    this.#epoch = epoch;
    this.#userId = me.user.userId;
    this.#heard = all(seq);
    this.#canResume = true;
  }

  /**
   * Takes in a live frame; nothing moves at a gap.
   * @param {Callbacks} frame
   * @returns {News}
   */
  take(frame) {
    const { seq, after, lane } = frame;
    if (seq !== null && seq > this.#heard[lane] && after !== null && after > this.#heard[lane]) return "gap";
    return this.replay(frame);
  }

  /**
   * Takes in a frame of a replay, which has no gaps whatever its `after` says.
   * @param {Callbacks} frame
   * @returns {Exclude<News, "gap">}
   */
  replay({ seq, lane }) {
    if (seq === null) return "new";
    if (seq <= this.#heard[lane]) return "known";
    this.#heard[lane] = seq;
    return seq <= this.#told[lane] ? "again" : "new";
  }

  /**
   * Everything up to `seq` was heard, in every lane.
   * @param {number} seq
   */
  reach(seq) {
    this.#heard = atLeast(this.#heard, all(seq));
  }

  /**
   * The staff's lists came in `me` at `seq`: from there on the staff's lane counts.
   * @param {number} seq
   */
  joinStaff(seq) {
    this.#heard.staff = seq;
  }

  /**
   * Whether the server has said more than was heard.
   * @param {Pong} pong
   * @param {boolean} isStaff
   */
  lags({ room, staff, me }, isStaff) {
    return room > this.#heard.room || me > this.#heard.me || (isStaff && staff > this.#heard.staff);
  }
}
