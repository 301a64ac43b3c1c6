/** What a page shows in each state of a guest, and the words for every code. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as wire from "../../static/micconnect/protocol.js";
import { MicError } from "../../static/micconnect/errors.js";
import { deviceError } from "../../static/micconnect/media/devices.js";
import { bars, guestState, lastOutcome, shareLeft } from "../../static/micconnect/ui/guest_state.js";
import { bestFit } from "../../static/micconnect/ui/layout.js";
import * as words from "../../static/micconnect/ui/words.js";
import { connection, liveInfo, myState, request, snapshot } from "./fakes.js";

const NOW = "2026-01-01T12:00:20Z";
/** @type {any} a clock that stands still */
const clock = {
  now: () => Date.parse(NOW),
  secondsLeft: (/** @type {string | null} */ at) => at && Math.max(0, (Date.parse(at) - Date.parse(NOW)) / 1000),
  secondsSince: (/** @type {string} */ at) => (Date.parse(NOW) - Date.parse(at)) / 1000,
};

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
    ["watching", {}],
    ["waiting", { me: myState({ request: request(), place: 2 }) }],
    ["invited", { me: myState({ request: request({ kind: "invitation" }) }) }],
    ["onAir", { me: myState({ connection: connection({ state: "reconnecting" }) }) }],
  ]);
  for (const [tag, parts] of cases) assert.equal(guestState(view(parts), clock).tag, tag);
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
  assert.equal(first?.text, "Hanna did not take your request. It does not fit the topic. “Sorry”");
  const both = lastOutcome(view({ me: myState({ lastRequest: rejected, lastConnection: removed }) }), clock);
  assert.equal(both?.text, "Hanna took you off air. Time is up. You may ask again.");
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
  assert.deepEqual(at(status("closed", 4010)), [["bringHere", "bad"]]);
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
  for (const media of Object.values(wire.LinkMedia)) assert.ok(words.MEDIA_TEXTS[media]);
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

test("tiles fill the stage: side by side when wide, stacked when tall, three columns for nine", () => {
  assert.deepEqual(bestFit(1, 800, 600), { columns: 1, rows: 1 });
  assert.deepEqual(bestFit(2, 1600, 700), { columns: 2, rows: 1 });
  assert.deepEqual(bestFit(2, 390, 600), { columns: 1, rows: 2 });
  assert.deepEqual(bestFit(9, 1200, 900), { columns: 3, rows: 3 });
  assert.deepEqual(bestFit(10, 1600, 700), { columns: 5, rows: 2 });
});

test("names, counts and times are written as people write them", () => {
  assert.deepEqual([words.duration(5), words.duration(75), words.duration(3661)], ["0:05", "1:15", "1:01:01"]);
  assert.deepEqual(
    [words.plural(1, "place"), words.plural(0, "place"), words.plural(1200, "person", "people")],
    ["1 place", "0 places", "1,200 people"],
  );
  const names = [" émile", "👩‍🎤 Ann", ""];
  assert.deepEqual(names.map(words.initial), ["É", "👩‍🎤", "?"]);
});
