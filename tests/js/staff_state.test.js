/** What the staff's side shows of requests, guests and viewers. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { RequestState } from "../../static/micconnect/protocol.js";
import {
  absence,
  guestFacts,
  idleViewers,
  isKeptSilent,
  missedFact,
  missedNow,
  openRequests,
  requestFacts,
  requestsText,
} from "../../static/micconnect/ui/staff_state.js";
import { requestEndText } from "../../static/micconnect/ui/words.js";
import { connection, liveInfo, myState, request, roomOptions, snapshot } from "./fakes.js";

const NOW = Date.parse("2026-01-01T12:00:20Z");
/** @type {any} a clock that stands still */
const clock = {
  secondsLeft: (/** @type {string | null} */ at) => at && Math.max(0, (Date.parse(at) - NOW) / 1000),
  secondsSince: (/** @type {string} */ at) => (NOW - Date.parse(at)) / 1000,
};

test("requests are kept in the server's order, by kind", () => {
  const requests = [
    request({ requestId: "r9" }),
    request({ requestId: "r2", kind: "invitation" }),
    request({ requestId: "r3" }),
  ];
  assert.deepEqual(
    openRequests({ requests }, "application").map(({ requestId }) => requestId),
    ["r9", "r3"],
  );
  assert.deepEqual(openRequests({ requests: null }, "invitation"), []);
});

test("an applicant's row tells the wait, the wish, earlier refusals and earlier time on air, and no more than there is", () => {
  const all = request({ seatIndex: 4, refusals: 1, spokenS: 75, limitS: 60 });
  assert.equal(
    requestFacts(all, clock),
    "waiting 0:20 · 40 s left · wants seat 4 · turned down 1 time before · on air 1:15 before · time limit 1:00",
  );
  assert.equal(requestFacts(request({ expiresAt: null }), clock), "waiting 0:20");
});

test("a guest's row tells state, deadline, time limit, stage and screen", () => {
  const guest = connection({
    state: "reconnecting",
    deadline: "2026-01-01T12:00:45Z",
    endsAt: "2026-01-01T12:01:50Z",
    screen: "open",
    asked: "camera",
  });
  assert.equal(
    guestFacts(guest, liveInfo({ spotlight: "g" }), clock),
    "reconnecting… · 25 s left · time up in 1:30 · shown large · shares the screen · asked to open the camera",
  );
  const waiting = connection({ isBackstage: true, media: "audio" });
  assert.equal(guestFacts(waiting, null, clock), "0:10 · sound only · behind the stage, not ready");
  assert.match(guestFacts({ ...waiting, isReady: true }, null, clock), /behind the stage, ready$/);
});

test("a guest's row remembers a microphone that was on when it was muted", () => {
  const muted = connection({ microphone: "locked", shut: ["microphone"] });
  assert.match(guestFacts(muted, null, clock), / · was on when muted$/);
  assert.doesNotMatch(guestFacts({ ...muted, shut: ["camera"] }, null, clock), /was on/);
});

test("where guests may not unmute themselves a shut microphone is asked to open, for no lock is left to be lifted", () => {
  const [free, kept] = [true, false].map((mayUnmute) => liveInfo({ options: roomOptions({ mayUnmute }) }));
  const shut = connection({ microphone: "locked" });
  assert.deepEqual([isKeptSilent(shut, kept ?? null), isKeptSilent(shut, free ?? null)], [true, false]);
  assert.equal(isKeptSilent(connection({ microphone: "open" }), kept ?? null), false);
  assert.equal(isKeptSilent(shut, null), false);
});

test("a helper is told whether the live waits for its host, and who carries it on; the host and viewers are not", () => {
  const [ann, bob] = ["a", "b"].map((userId) => ({ userId, userName: userId }));
  const me = myState({ user: ann });
  const away = { hostAwaySince: "2026-01-01T12:00:00Z", hostAwayUntil: "2026-01-01T12:02:00Z" };
  /** @param {Parameters<typeof liveInfo>[0]} parts @param {any} [role] */
  const told = (parts, role = "moderator") => absence({ info: liveInfo(parts), me, role });
  assert.equal(told(away), "waiting");
  assert.equal(told({ ...away, hostAwayUntil: null, carriedOnBy: ann }), "own");
  assert.equal(told({ ...away, hostAwayUntil: null, carriedOnBy: bob }), "other");
  assert.equal(told({}), null);
  assert.deepEqual([told(away, "audience"), told(away, "host")], [null, null]);
  assert.equal(told({ ...away, status: "ended" }), null);
});

test("those on a seat, under way to one, the host and oneself are not offered for an invitation", () => {
  const viewers = ["h", "me", "seated", "asking", "idle"].map((userId) => ({ userId, userName: userId }));
  const room = /** @type {any} */ ({
    ...snapshot({
      connectedUsers: [connection({ userId: "seated" })],
      requests: [request({ user: { userId: "asking", userName: "A" } })],
      me: myState({ user: { userId: "me", userName: "M" } }),
    }),
  });
  assert.deepEqual(
    idleViewers({ room, viewers }).map(({ userId }) => userId),
    ["idle"],
  );
  assert.deepEqual(idleViewers({ room, viewers: null }), []);
});

/** @param {string} userId @param {Parameters<typeof request>[0]} [parts] */
const missedOf = (userId, parts) =>
  request({
    requestId: `r ${userId}`,
    user: { userId, userName: userId },
    state: "timeout",
    endedAt: "2026-01-01T12:00:10Z",
    ...parts,
  });

test("missed is who is not on a seat since, asks or is invited again, may not, was put away, or a quarter of an hour ago", () => {
  const missed = ["idle", "seated", "asking", "barred", "me"].map((userId) => missedOf(userId));
  const user = { userId: "barred", userName: "B" };
  const room = /** @type {any} */ ({
    ...snapshot({
      connectedUsers: [connection({ userId: "seated" })],
      requests: [request({ user: { userId: "asking", userName: "A" } })],
      me: myState({ user: { userId: "me", userName: "M" } }),
    }),
    sanctions: [{ user }],
  });
  /** @param {import("../../static/micconnect/protocol.js").RequestInfo[]} all */
  const now = (all, clearedAt = "") =>
    missedNow({ room, missed: all, clearedAt }, clock).map(({ user: u }) => u.userId);
  assert.deepEqual(now(missed), ["idle"]);
  const later = missedOf("later", { endedAt: "2026-01-01T12:00:15Z" });
  assert.deepEqual(now([later, ...missed], "2026-01-01T12:00:10Z"), ["later"]);
  const old = [
    missedOf("old", { endedAt: "2026-01-01T11:45:20Z" }),
    missedOf("young", { endedAt: "2026-01-01T11:45:21Z" }),
  ];
  assert.deepEqual(now(old), ["young"]);
});

test("every end that the staff did not make has its words, and none that it made", () => {
  /** @param {any} kind @param {any} state @param {any} [cause] */
  const fact = (kind, state, cause = null) => missedFact({ kind, state, cause });
  const missed = [
    fact("application", "timeout"),
    fact("application", "void", "left"),
    fact("application", "void", "room_changed"),
    fact("invitation", "timeout"),
    fact("invitation", "rejected"),
    fact("invitation", "void", "left"),
    fact("invitation", "void", "room_changed"),
  ];
  assert.equal(new Set(missed.filter(Boolean)).size, missed.length);
  for (const kind of ["application", "invitation"]) {
    assert.equal(fact(kind, "cancelled") + fact(kind, "accepted") + fact(kind, "void", "seated_otherwise"), "");
    assert.equal(fact(kind, "void", "barred") + fact(kind, "void", "banned") + fact(kind, "void", "room_ended"), "");
  }
  assert.equal(fact("application", "rejected"), "");
});

test("whose request ended because the room was changed reads why, and nothing of a person's answer", () => {
  const ended = request({ state: "void", cause: "room_changed" });
  assert.match(requestEndText(ended), /changed how people come on air, so your request has ended/);
  assert.match(requestEndText({ ...ended, kind: "invitation" }), /so the invitation has ended/);
});

test("the summary names every way in which requests ended, the most frequent first", () => {
  const counts = Object.fromEntries(
    Object.values(RequestState).map((state, index) => [`application.${state}`, index + 1]),
  );
  const text = requestsText({ ...counts, "invitation.accepted": 9 }, "application");
  assert.equal(text.split(", ").length, Object.values(RequestState).length);
  assert.ok(text.startsWith("6 void") && !text.includes("undefined"));
  assert.equal(requestsText({ "application.accepted": 0 }, "application"), "");
});
