/** What a page shows in each state of a guest, and the words for every code. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as wire from "../../static/micconnect/protocol.js";
import { MicError } from "../../static/micconnect/errors.js";
import { deviceError } from "../../static/micconnect/media/devices.js";
import {
  bars,
  freeSeats,
  guestState,
  isElsewhere,
  isSoundOnly,
  lastOutcome,
  shareLeft,
  shownUsers,
} from "../../static/micconnect/ui/guest_state.js";
import * as words from "../../static/micconnect/ui/words.js";
import { WINDOW, connection, liveInfo, myState, request, roomOptions, seats, snapshot } from "./fakes.js";

const NOW = "2026-01-01T12:00:20Z";
/** @type {any} a clock that stands still */
const clock = {
  now: () => Date.parse(NOW),
  secondsLeft: (/** @type {string | null} */ at) => at && Math.max(0, (Date.parse(at) - Date.parse(NOW)) / 1000),
  secondsSince: (/** @type {string} */ at) => (Date.parse(NOW) - Date.parse(at)) / 1000,
};

const HANNA = { userId: "h", userName: "Hanna" }; // the room's host
const here = { hasAccount: false, kicked: null, notBefore: "", windowId: WINDOW };

/** @param {object} [parts] */
const view = (parts) => /** @type {any} */ ({ status: { phase: "open", code: 0, text: "" }, ...snapshot(), ...parts });

test("each situation has exactly one state", () => {
  const cases = /** @type {const} */ ([
    ["connecting", { info: null, me: null }],
    ["away", { status: { phase: "closed", code: 4010, text: "" }, me: myState({ connection: connection() }) }],
    ["notLive", { info: liveInfo({ status: "idle" }) }],
    [
      "ended",
      { info: liveInfo({ status: "ended", endReason: "host_away" }), me: myState({ connection: connection() }) },
    ],
    ["banned", { status: { phase: "closed", code: 4011, text: "" }, me: myState() }],
    ["watching", {}],
    ["waiting", { me: myState({ request: request(), place: 2 }) }],
    ["invited", { me: myState({ request: request({ kind: "invitation" }) }) }],
    ["onAir", { me: myState({ connection: connection({ state: "reconnecting" }) }) }],
    ["onAir", { me: { ...myState({ connection: connection() }), window: "" } }],
    ["elsewhere", { me: { ...myState({ connection: connection() }), window: "another" } }],
    ["own", { me: myState({ user: HANNA }) }],
    ["own", { me: { ...myState({ user: HANNA, connection: connection(HANNA) }), window: "another" } }],
  ]);
  for (const [tag, parts] of cases) assert.equal(guestState(view(parts), clock, here).tag, tag);
});

test("beside the window on air it is silent, and so is the host's at the door of the audience", () => {
  const seated = myState({ connection: connection() });
  const beside = (/** @type {object} */ parts) => isElsewhere(view(parts), WINDOW);
  assert.equal(beside({ me: seated }), false);
  assert.equal(beside({ me: { ...seated, window: "another" } }), true);
  assert.equal(beside({ me: { ...seated, window: "" } }), false, "nobody has claimed the seat yet");
  assert.equal(beside({ me: { ...myState({ request: request() }), window: "another" } }), false);
  assert.equal(beside({ me: myState({ user: HANNA }) }), true);
  assert.equal(beside({ me: myState({ user: HANNA }), role: "host" }), false, "the studio, off the seat");
  assert.equal(beside({ me: null, info: null }), false);
});

test("whoever waits is told when the seat will be another window's", () => {
  for (const [window, isHere] of /** @type {const} */ ([
    [WINDOW, true],
    ["another", false],
  ])) {
    const now = guestState(view({ me: { ...myState({ request: request(), place: 1 }), window } }), clock, here);
    assert.equal(now.tag === "waiting" && now.isHere, isHere);
  }
});

test("the waiting card holds place, seconds and share; a wait without end stays whole", () => {
  const now = guestState(view({ me: myState({ request: request(), place: 3 }) }), clock);
  assert.ok(now.tag === "waiting");
  assert.deepEqual([now.place, now.secondsLeft, Math.round(now.share * 60)], [3, 40, 40]);
  assert.equal(shareLeft(request({ expiresAt: null }), clock), 1);
});

test("seats count as full at the room's own number, the host's seat not counted", () => {
  const users = [0, 1, 2].map((seatIndex) => connection({ seatIndex, userId: `u${seatIndex}` }));
  for (const [seatCount, isFull] of /** @type {const} */ ([
    [3, false],
    [2, true],
  ])) {
    const now = guestState(view({ info: liveInfo({ seatCount }), connectedUsers: users }), clock);
    assert.ok(now.tag === "watching");
    assert.equal(now.isFull, isFull);
  }
});

test("each room has one door: its mode, a pause, a log in that is missing, a bar, and helpers pass", () => {
  const own = { hasAccount: false, kicked: null, notBefore: "" };
  const bar = /** @type {any} */ ({ kind: "mic_bar" });
  /** @param {object} options @param {object} [parts] @param {object} [more] */
  const door = (options, parts, more) => {
    const room = view({ info: liveInfo({ options: roomOptions(options) }), ...parts });
    const now = guestState(room, clock, { ...own, ...more });
    return now.tag === "watching" ? now.door : now.tag;
  };
  assert.equal(door({}), "ask");
  assert.equal(door({ seatMode: "free" }), "sit");
  assert.equal(door({ seatMode: "closed" }), "closed");
  assert.equal(door({ seatMode: "invite_only", isPaused: true }), "invite_only");
  assert.equal(door({ isPaused: true, needsLogin: true }), "paused");
  assert.equal(door({ seatMode: "free", isPaused: true }), "paused");
  assert.equal(door({ needsLogin: true }), "login");
  assert.equal(door({ needsLogin: true }, {}, { hasAccount: true }), "ask");
  assert.equal(door({ seatMode: "closed", isPaused: true }, { role: "moderator" }), "sit");
  assert.equal(door({ seatMode: "free" }, { me: myState({ bar }), role: "moderator" }), "barred");
});

test("the later of the two waits counts: after an answer, and because the person has just come", () => {
  const me = myState({ canApplyAt: "2026-01-01T12:00:30Z" });
  const pause = (/** @type {string} */ notBefore) => {
    const now = guestState(view({ me }), clock, { hasAccount: false, kicked: null, notBefore });
    return now.tag === "watching" && now.pauseS;
  };
  assert.deepEqual([pause(""), pause("2026-01-01T12:01:20Z"), pause("2026-01-01T12:00:25Z")], [10, 60, 10]);
});

test("on a seat the time that is left is told, and in the queue when a seat may come", () => {
  const onAir = guestState(
    view({ me: myState({ connection: connection({ endsAt: "2026-01-01T12:00:50Z" }) }) }),
    clock,
    here,
  );
  assert.ok(onAir.tag === "onAir");
  assert.deepEqual([onAir.timeLeft, onAir.secondsLeft], [30, null]);
  const me = myState({ request: request(), place: 1, likelyAt: "2026-01-01T12:02:20Z" });
  const waiting = guestState(view({ me }), clock);
  assert.equal(waiting.tag === "waiting" && waiting.likelyS, 120);
});

test("somebody put out of the room reads by whom, until when and why, if the page was there to hear it", () => {
  const status = { phase: "closed", code: 4011, text: "Removed from the room." };
  const kicked = /** @type {any} */ ({
    kind: "room_ban",
    operator: { userName: "Hanna" },
    until: null,
    reason: "conduct",
    note: "Enough",
  });
  const heard = guestState(view({ status }), clock, { hasAccount: false, kicked, notBefore: "" });
  assert.equal(
    heard.tag === "banned" && heard.text,
    "\u2068Hanna\u2069 has put you out of the room for good. Your conduct was not all right. “\u2068Enough\u2069”",
  );
  const later = guestState(view({ status, info: null, me: null }), clock);
  assert.match(later.tag === "banned" ? later.text : "", /may not be in this room at the moment/);
  const refusal = { code: "BANNED", details: { until: null, reason: "conduct" } };
  const refused = guestState(view({ status: { ...status, refusal }, info: null, me: null }), clock);
  assert.match(refused.tag === "banned" ? refused.text : "", /may not be in this room.+Your conduct/);
  assert.deepEqual(bars(view({ status }), clock, true), []);
});

test("who is behind the stage is shown to the staff and to oneself only", () => {
  const users = [connection({ userId: "h", seatIndex: 0 }), connection({ userId: "g", isBackstage: true })];
  const seen = (/** @type {object} */ parts) =>
    shownUsers(view({ connectedUsers: users, ...parts })).map(({ userId }) => userId);
  assert.deepEqual(seen({ me: myState({ user: { userId: "v", userName: "Vera" } }) }), ["h"]);
  assert.deepEqual(seen({ me: myState() }), ["h", "g"]);
  for (const role of ["host", "moderator"]) {
    assert.deepEqual(seen({ role, me: myState({ user: { userId: "x", userName: "X" } }) }), ["h", "g"]);
  }
});

test("a free seat is neither the host's, nor taken, nor locked, nor beyond the layout", () => {
  const room = view({ info: liveInfo({ seatCount: 4 }), seats: seats({ 1: { userId: "a" }, 3: { isLocked: true } }) });
  assert.deepEqual(
    freeSeats(room).map(({ seatIndex }) => seatIndex),
    [2, 4],
  );
});

test("sound only: by the option, or because the landscape layout shows no guests", () => {
  const of = (/** @type {object} */ options) =>
    isSoundOnly(view({ info: liveInfo({ options: roomOptions(options) }) }));
  assert.deepEqual([of({}), of({ isAudioOnly: true }), of({ layout: "200" })], [false, true, true]);
});

test("somebody put back into the queue reads why although a request is open again", () => {
  const lastConnection = {
    seatIndex: 1,
    endReason: /** @type {const} */ ("returned"),
    endedAt: "2026-01-01T12:00:10Z",
    operator: { userId: "h", userName: "Hanna" },
    reason: null,
    note: "Later",
  };
  const found = lastOutcome(view({ me: myState({ request: request(), lastConnection }) }), clock);
  assert.match(found?.text ?? "", /\u2068Hanna\u2069 put you back into the queue. “\u2068Later\u2069”/);
  assert.equal(found?.isGrave, false);
});

test("the newest end is told, with who and why", () => {
  const operator = { userId: "h", userName: "Hanna" };
  const rejected = request({
    state: "rejected",
    endedAt: "2026-01-01T12:00:10Z",
    operator,
    reason: "topic",
    answerNote: "Sorry",
  });
  const removed = {
    seatIndex: 1,
    endReason: /** @type {const} */ ("terminated"),
    endedAt: "2026-01-01T12:00:15Z",
    operator,
    reason: /** @type {const} */ ("time"),
    note: "",
  };
  const first = lastOutcome(view({ me: myState({ lastRequest: rejected }) }), clock);
  assert.equal(
    first?.text,
    "\u2068Hanna\u2069 did not take your request. It does not fit the topic. “\u2068Sorry\u2069”",
  );
  const both = lastOutcome(view({ me: myState({ lastRequest: rejected, lastConnection: removed }) }), clock);
  assert.equal(both?.text, "\u2068Hanna\u2069 took you off air. Time is up. You may ask again.");
  assert.equal(both?.isGrave, true);
});

test("an end is no news while something new goes on, when it was accepted, or when it is old", () => {
  const gone = request({ state: "timeout", endedAt: "2026-01-01T12:00:10Z" });
  const cases = [
    myState({ lastRequest: gone, request: request() }),
    myState({ lastRequest: gone, connection: connection() }),
    myState({ lastRequest: { ...gone, state: "accepted" } }),
    myState({ lastRequest: { ...gone, endedAt: "2026-01-01T11:00:00Z" } }),
  ];
  for (const me of cases) assert.equal(lastOutcome(view({ me }), clock), null);
  assert.ok(lastOutcome(view({ me: myState({ lastRequest: gone }) }), clock));
});

test("the bars say what stands between page and room, and what to do", () => {
  const at = (/** @type {object} */ parts, isOnline = true) =>
    bars(view(parts), clock, isOnline).map(({ action, tone }) => [action, tone]);
  const status = (/** @type {string} */ phase, code = 0) => ({ status: { phase, code, text: "x" } });
  assert.deepEqual(at({}), []);
  assert.deepEqual(at(status("closed", 4010)), [["reload", "bad"]]);
  assert.deepEqual(at(status("closed", 4012)), [["reload", "bad"]]);
  assert.deepEqual(at(status("closed", 4009)), []);
  assert.deepEqual(at(status("waiting")), [[null, "warn"]]);
  assert.deepEqual(at({}, false), [[null, "bad"]]);
  const troubled = { info: liveInfo({ hostAwayUntil: "2026-01-01T12:01:00Z" }), media: { isUp: false, generation: 1 } };
  assert.match(
    bars(view(troubled), clock, true)
      .map(({ text }) => text)
      .join(" "),
    /40 seconds.*media server/,
  );
});

test("every reason of the wire has its words", () => {
  const operator = null;
  for (const reason of Object.values(wire.RejectReason)) {
    assert.ok(words.REJECT_CHOICES[reason]);
    assert.ok(words.requestEndText(request({ state: "rejected", reason, operator })));
  }
  for (const reason of Object.values(wire.RemovalReason)) assert.ok(words.REMOVAL_CHOICES[reason]);
  for (const reason of Object.values(wire.RoomEnd)) assert.ok(words.ROOM_END_TEXTS[reason]);
  for (const endReason of Object.values(wire.ConnectionEnd)) {
    const text = words.connectionEndText({ seatIndex: 1, endReason, endedAt: NOW, operator, reason: null, note: "" });
    assert.equal(text === "", endReason === "dismissed"); // the end of the live says it
  }
  const texts = /** @type {const} */ ([
    [wire.LinkMedia, words.MEDIA_TEXTS],
    [wire.SeatMode, words.SEAT_MODES],
    [wire.QueueOrder, words.QUEUE_ORDERS],
    [wire.Layout, words.LAYOUTS],
    [wire.Quality, words.QUALITIES],
    [wire.SanctionKind, words.SANCTION_KINDS],
  ]);
  for (const [values, known] of texts) {
    assert.deepEqual(Object.keys(known).sort(), Object.values(values).sort());
  }
  for (const [code, { message }] of Object.entries(wire.ERRORS)) {
    assert.ok(words.errorText(new MicError(/** @type {any} */ (code), message)).length > 5, code);
  }
});

test("each failure of the devices has its own text, and names the device", () => {
  const names = [
    "NotAllowedError",
    "NotFoundError",
    "NotReadableError",
    "OverconstrainedError",
    "SecurityError",
    "AbortError",
  ];
  const errors = names.map((name) => deviceError(Object.assign(new Error(""), { name }), "audio", []));
  assert.equal(new Set(errors.map(({ message }) => message)).size, names.length);
  for (const error of errors) assert.ok(error.hint);
  const missing = Object.assign(new Error(""), { name: "NotFoundError" });
  assert.equal(deviceError(missing, "video", [{ kind: "audioinput" }]).what, "camera");
  assert.equal(deviceError(missing, "video", [{ kind: "videoinput" }]).what, "microphone");
});

test("names, counts and times are written as people write them", () => {
  assert.deepEqual([words.duration(5), words.duration(75), words.duration(3661)], ["0:05", "1:15", "1:01:01"]);
  assert.deepEqual(
    [words.plural(1, "place"), words.plural(0, "place"), words.plural(1200, "person", "people")],
    ["1 place", "0 places", "1,200 people"],
  );
  assert.deepEqual([45, 60, 90, 3600, 86400].map(words.span), [
    "45 seconds",
    "1 minute",
    "90 seconds",
    "1 hour",
    "1 day",
  ]);
  const noon = new Date(2026, 0, 1, 12, 0);
  const [today, tomorrow] = [new Date(2026, 0, 1, 18, 5), new Date(2026, 0, 2, 9, 0)].map((date) => date.toISOString());
  assert.deepEqual([words.timeOf(today, noon), words.timeOf(tomorrow, noon)], ["18:05", "Jan 2, 09:00"]);
  const names = [" émile", "👩‍🎤 Ann", ""];
  assert.deepEqual(names.map(words.initial), ["É", "👩‍🎤", "?"]);
});

test("what the staff locked is said once, for all devices, and nothing without a lock", () => {
  assert.equal(words.lockedText([]), "");
  assert.match(words.lockedText(["microphone"]), /^The host has locked your microphone\./);
  assert.match(words.lockedText(["microphone", "camera", "screen"]), /your microphone, camera and shared screen\./);
});

test("a refusal says what its details tell", () => {
  const said = (/** @type {any} */ code, /** @type {any} */ details) =>
    words.errorText(new MicError(code, "general words", { details }));
  const until = new Date(Date.now() + 1000).toISOString();
  assert.match(said("TOO_EARLY", { until }), /You can ask at \d\d:\d\d/);
  assert.match(said("BARRED", { until }), /until/);
  assert.doesNotMatch(said("BARRED", { until: null }), /until/);
  assert.equal(said("SEAT_TAKEN", { by: "Bob" }), "\u2068Bob\u2069 sits there.");
  assert.equal(said("SCREEN_TAKEN", { by: "Bob" }), "\u2068Bob\u2069 shares a screen already.");
  assert.match(said("SEATS_OCCUPIED", { guests: 2, seatCount: 1 }), /^2 guests would lose/);
  assert.match(said("SEAT_MODE", { mode: "invite_only" }), /invites/);
  assert.match(said("TURNS_USED", { limit: 1 }), /once/);
  assert.match(said("HELD", {}), /gives you the next turn/);
  assert.equal(said("LAYOUT_FROZEN", {}), "general words");
});
