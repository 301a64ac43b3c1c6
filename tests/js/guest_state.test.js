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
  canComeBack,
  isMissed,
  mustName,
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
  assert.equal(shareLeft(view(), request({ expiresAt: null }), clock), 1);
});

test("the room's wait that began late counts whole, and one that the applicant named as named", () => {
  const late = { createdAt: "2026-01-01T11:50:00Z", expiresAt: "2026-01-01T12:00:50Z" };
  assert.equal(shareLeft(view(), request(late), clock), 0.5, "30 s of the room's 60");
  const short = { createdAt: "2026-01-01T12:00:15Z", expiresAt: "2026-01-01T12:00:25Z" };
  assert.equal(shareLeft(view(), request(short), clock), 0.5, "5 s of 10");
  const info = liveInfo({ options: roomOptions({ requestTimeoutS: 0 }) });
  assert.equal(shareLeft(view({ info }), request(short), clock), 0.5);
});

test("whoever waits while no seat could be given reads why, keeps the likely time, and sees no countdown", () => {
  const asked = request({ expiresAt: null });
  const me = myState({ request: asked, place: 1, likelyAt: "2026-01-01T12:02:20Z" });
  const away = { hostAwaySince: NOW, hostAwayUntil: "2026-01-01T12:01:00Z" };
  const full = seats({ 1: { userId: "a" } });
  for (const [hold, info, parts] of /** @type {const} */ ([
    ["full", { seatCount: 1 }, { seats: full, me }],
    ["paused", { options: roomOptions({ isPaused: true }) }, { me }],
    ["away", away, { me }],
    ["away", { ...away, options: roomOptions({ isPaused: true }) }, { me, seats: full }],
    ["turn", { seatCount: 2 }, { seats: full, me: { ...me, place: 2 } }],
    [null, { seatCount: 2 }, { seats: full, me }],
    [null, { seatCount: 1 }, { seats: full, me: { ...me, request: request() } }],
  ])) {
    const now = guestState(view({ info: liveInfo(info), ...parts }), clock);
    assert.ok(now.tag === "waiting");
    assert.deepEqual([now.hold, now.likelyS], [hold, 120]);
    assert.equal(now.secondsLeft === null, !now.request.expiresAt);
  }
  for (const text of Object.values(words.HOLD_TEXTS)) assert.match(text, /\.$/);
});

test("who was not answered in time reads no blame, and that the place is kept as long as it is", () => {
  const lapsed = (/** @type {string} */ endedAt, /** @type {object} */ parts = {}) =>
    view({ me: myState({ lastRequest: request({ state: "timeout", endedAt, ...parts }) }) });
  const kept = (/** @type {any} */ room) => {
    const now = guestState(room, clock);
    return now.tag === "watching" && now.keptS;
  };
  const lately = lapsed("2026-01-01T12:00:10Z");
  assert.equal(kept(lately), 110);
  assert.equal(lastOutcome(lately, clock)?.text, "Nobody answered in time. Ask again now: you keep your place.");
  const longAgo = lapsed("2026-01-01T11:58:20Z");
  assert.equal(kept(longAgo), 0, "just two minutes");
  assert.equal(lastOutcome(longAgo, clock)?.text, "Nobody answered in time. You can ask again.");
  assert.equal(kept(lapsed("2026-01-01T12:00:10Z", { kind: "invitation" })), 0);
  assert.equal(kept(lapsed("2026-01-01T12:00:10Z", { state: "rejected" })), 0);
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
    shownUsers(view({ connectedUsers: users, ...parts }), clock).map(({ userId }) => userId);
  assert.deepEqual(seen({ me: myState({ user: { userId: "v", userName: "Vera" } }) }), ["h"]);
  assert.deepEqual(seen({ me: myState() }), ["h", "g"]);
  for (const role of ["host", "moderator"]) {
    assert.deepEqual(seen({ role, me: myState({ user: { userId: "x", userName: "X" } }) }), ["h", "g"]);
  }
});

test("the host's tile goes half a minute after the host did while somebody carries on, and comes back", () => {
  const users = [connection({ userId: "h", seatIndex: 0, state: "reconnecting" }), connection()];
  const carriedOnBy = { userId: "m", userName: "Mona" };
  const seen = (/** @type {object} */ info) =>
    shownUsers(view({ connectedUsers: users, info: liveInfo(info) }), clock).map(({ userId }) => userId);
  assert.deepEqual(seen({ hostAwaySince: "2026-01-01T11:59:50Z", carriedOnBy }), ["g"]);
  assert.deepEqual(seen({ hostAwaySince: "2026-01-01T11:59:51Z", carriedOnBy }), ["h", "g"]);
  assert.deepEqual(seen({ hostAwaySince: "2026-01-01T11:59:00Z", hostAwayUntil: NOW }), ["h", "g"], "it waits");
  assert.deepEqual(seen({}), ["h", "g"], "the host is back");
});

test("a live without its host counts down, or names who carries on, and promises nothing else", () => {
  const said = (/** @type {object} */ info, /** @type {object} */ parts = {}) =>
    bars(view({ info: liveInfo(info), ...parts }), clock, true).map(({ text }) => text);
  const mona = { userId: "m", userName: "Mona" };
  const away = { hostAwaySince: "2026-01-01T11:59:00Z" };
  const waits = { ...away, hostAwayUntil: "2026-01-01T12:01:00Z" };
  assert.deepEqual(said({ ...away, carriedOnBy: mona }), ["\u2068Mona\u2069 carries on while the host is away."]);
  assert.deepEqual(said({ ...away, carriedOnBy: mona }, { me: myState({ user: mona }) }), [
    "You carry on while the host is away.",
  ]);
  assert.deepEqual(said(waits), ["The host is away. The live ends in 40 seconds unless the host comes back."]);
  const text = "The host is away. The live ends in 40 seconds unless the host or a helper comes back.";
  assert.deepEqual(said({ ...waits, moderators: [mona] }), [text]);
  const off = roomOptions({ isCarriedOn: false });
  assert.deepEqual(said({ ...waits, moderators: [mona], options: off }), said(waits));
  assert.deepEqual(said({ ...waits, status: "ended" }), []);
});

test("a page that is on air or holds the show is missed, any other is not", () => {
  const onAir = myState({ connection: connection() });
  for (const [isAsking, parts] of /** @type {const} */ ([
    [true, { me: onAir }],
    [false, { me: { ...onAir, window: "another" } }],
    [false, { me: myState({ request: request() }) }],
    [false, { me: onAir, status: { phase: "closed", code: 4014, text: "" } }],
    [true, { me: onAir, status: { phase: "waiting", code: 1006, text: "" } }],
    [true, { me: myState({ user: HANNA }), role: "host" }],
    [true, { me: myState({ user: HANNA, connection: connection(HANNA) }), role: "host" }],
    [false, { me: { ...myState({ user: HANNA, connection: connection(HANNA) }), window: "b" }, role: "host" }],
    [false, { me: myState({ user: HANNA }), role: "host", info: liveInfo({ status: "idle" }) }],
    [false, { me: onAir, info: liveInfo({ status: "ended" }) }],
  ])) {
    assert.equal(isMissed(view(parts), WINDOW), isAsking, JSON.stringify(parts));
  }
});

test("nobody is heard under a made-up name, unless the room allows it", () => {
  const open = view({ info: liveInfo({ options: roomOptions({ allowsUnnamed: true }) }) });
  assert.deepEqual([mustName(view(), false), mustName(view(), true), mustName(open, false)], [true, false, false]);
  const placed = (/** @type {object} */ parts) =>
    mustName(
      view({ me: myState({ connection: connection({ microphone: "closed", camera: "closed", ...parts }) }) }),
      false,
    );
  assert.equal(placed({}), true);
  assert.equal(placed({ microphone: "open" }), false, "whoever is heard keeps the button that ends it");
  assert.equal(placed({ camera: "open" }), false);
});

test("there is no way back by oneself where only the host brings people on air, but for helpers", () => {
  const can = (/** @type {any} */ seatMode, /** @type {object} */ parts = {}) =>
    canComeBack(view({ info: liveInfo({ options: roomOptions({ seatMode }) }), ...parts }));
  assert.deepEqual(
    ["apply", "free", "invite_only", "closed"].map((mode) => can(mode)),
    [true, true, false, false],
  );
  assert.equal(can("invite_only", { role: "moderator" }), true);
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
  const hint = (/** @type {any} */ media, /** @type {string} */ kind) => deviceError(missing, media, [{ kind }]);
  assert.match(hint("video", "audioinput").hint, /sound only/);
  for (const error of [hint("audio", "videoinput"), hint("video", "videoinput")]) {
    assert.doesNotMatch(error.hint, /sound only/, "there is no sound without a microphone");
    assert.equal(error.leavesSound, false);
  }
  assert.equal(hint("video", "audioinput").leavesSound, true);
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
