/** The line: hello, replies, cuts, pauses, heartbeat, and closes for good. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { MicError } from "../../static/micconnect/errors.js";
import { RETRY_MAX_MS, WINDOW_MIN_MS } from "../../static/micconnect/pauses.js";
import { CLOSES, CloseCode } from "../../static/micconnect/protocol.js";
import { DEAD_MS, HELLO_MS, MicSocket, PING_MS, RESUME_MS } from "../../static/micconnect/socket.js";
import { pass, useFakeTime } from "./fake_time.js";
import { FakeServer, WINDOW, resumed, settled, snapshot } from "./fakes.js";

useFakeTime();

const CURSORS = /** @type {const} */ ({ epoch: "e", userId: "g", role: "audience", room: 10, staff: 10, me: 10 });

/** @param {ConstructorParameters<typeof MicSocket>[1]} [owner] */
async function opened(owner) {
  const server = new FakeServer();
  const socket = new MicSocket(server.options(), owner);
  socket.start();
  await server.welcome();
  return { server, socket };
}

test("the first frame is a hello with a fresh ticket, and the snapshot opens the line", async () => {
  const server = new FakeServer();
  const socket = new MicSocket(server.options());
  socket.start();
  await settled();
  assert.equal(socket.status.phase, "connecting");
  server.line.open();
  assert.deepEqual(server.line.sent, [{ type: "hello", ticket: "ticket-1", versions: [1], windowId: WINDOW }]);
  await server.welcome();
  assert.equal(socket.status.phase, "open");
});

test("a reply finds its command by ref; a refusal carries code, details and result", async () => {
  const { server, socket } = await opened();
  const first = socket.request({ type: "leaveSeat" });
  const second = socket.request({ type: "apply", media: "audio" });
  const [a, b] = server.line.sent.slice(-2);
  assert.notEqual(a.ref, b.ref);
  const result = { request: null };
  const error = {
    code: "ALREADY_PENDING",
    number: 100102,
    message: "There is one.",
    temporary: false,
    details: { n: 1 },
  };
  server.line.say({ type: "reply", ref: b.ref, seq: 11, result, error });
  server.line.say({ type: "reply", ref: a.ref, seq: 11, result: null, error: null });
  assert.deepEqual(await first, { seq: 11, result: null });
  await assert.rejects(second, (/** @type {MicError} */ refusal) => {
    assert.ok(refusal instanceof MicError);
    assert.equal(refusal.code, "ALREADY_PENDING");
    assert.equal(refusal.number, 100102);
    assert.deepEqual(refusal.details, { n: 1 });
    assert.deepEqual(refusal.result, result);
    return true;
  });
});

test("a cut line comes back with a new ticket and repeats commands with the same ref", async () => {
  const { server, socket } = await opened();
  const answer = socket.request({ type: "apply", media: "video" });
  const { ref } = server.line.last("apply");
  server.line.cut(1006);
  assert.equal(socket.status.phase, "waiting");
  await pass(WINDOW_MIN_MS);
  await server.welcome();
  assert.equal(server.lines.length, 2);
  assert.equal(server.line.last("hello").ticket, "ticket-2");
  assert.equal(server.line.last("apply").ref, ref);
  server.line.say({ type: "reply", ref, seq: 12, result: null, error: null });
  assert.equal((await answer).result, null);
});

test("a command given while the line is down waits for it", async () => {
  const { server, socket } = await opened();
  server.line.cut(1006);
  const answer = socket.request({ type: "leaveSeat" });
  await pass(WINDOW_MIN_MS);
  await server.welcome();
  const { ref } = server.line.last("leaveSeat");
  server.line.say({ type: "reply", ref, seq: 12, result: null, error: null });
  assert.equal((await answer).result, null);
});

test("a query does not survive a cut, nor is it taken while the line is down", async () => {
  const { server, socket } = await opened();
  const answer = socket.request({ type: "watch" });
  server.line.cut(1006);
  await assert.rejects(answer, { code: "SOCKET_LOST", temporary: true });
  await assert.rejects(socket.request({ type: "watch" }), { code: "SOCKET_LOST" });
  await pass(WINDOW_MIN_MS);
  await server.welcome();
  assert.equal(server.line.last("watch"), undefined);
});

test("attempts that fail wait longer and longer; a whole picture sets the pause back", async () => {
  const { server } = await opened();
  for (const [pause, count] of /** @type {const} */ ([
    [1000, 2],
    [2000, 3],
    [4000, 4],
  ])) {
    server.line.cut(1006);
    await pass(pause - 500);
    assert.equal(server.lines.length, count - 1);
    await pass(500);
    assert.equal(server.lines.length, count);
  }
  await server.welcome();
  server.line.cut(1006);
  await pass(1000);
  assert.equal(server.lines.length, 5);
});

test("a server that goes away says how long to stay away, and that is what happens", async () => {
  const { server, socket } = await opened();
  const { line } = server;
  line.say({ type: "goingAway", retryInMs: 7300 });
  line.cut(CloseCode.GOING_AWAY);
  assert.ok(line.isClosed);
  const { phase, code, text, retryAt } = socket.status;
  assert.deepEqual([phase, code, text, retryAt], ["waiting", 1001, CLOSES[1001]?.text, 7300]);
  await pass(7200);
  assert.equal(server.lines.length, 1);
  await pass(100);
  assert.equal(server.lines.length, 2);
  assert.equal(server.tickets, 2);
});

test("a pause of nothing is a pause of nothing", async () => {
  const { server } = await opened();
  server.line.say({ type: "goingAway", retryInMs: 0 });
  await pass(1);
  assert.equal(server.lines.length, 2);
});

test("no server can keep a page away for more than a minute", async () => {
  const { server, socket } = await opened();
  server.line.say({ type: "goingAway", retryInMs: 86_400_000 });
  assert.equal(socket.status.retryAt, 60_000);
  await pass(60_000);
  assert.equal(server.lines.length, 2);
});

/** @param {number} retryInMs */
const comeBack = (retryInMs) => ({
  type: "reply",
  ref: null,
  seq: 0,
  result: null,
  error: { code: "COME_BACK", number: -2, message: "Come back.", temporary: true, details: { retryInMs } },
});

test("whoever is told to come back later comes back then, as often as it is said", async () => {
  const server = new FakeServer();
  const socket = new MicSocket(server.options());
  socket.start();
  for (const retryInMs of [2500, 9000, 400]) {
    await server.greet(comeBack(retryInMs));
    server.line.cut(CloseCode.FULL);
    const count = server.lines.length;
    assert.deepEqual([socket.status.phase, socket.status.code], ["waiting", CloseCode.FULL]);
    assert.equal(socket.status.refusal?.code, "COME_BACK");
    assert.equal(socket.status.text, "Many people are arriving.");
    await pass(retryInMs - 100);
    assert.equal(server.lines.length, count);
    await pass(100);
    assert.equal(server.lines.length, count + 1);
  }
  await server.welcome();
  assert.equal(socket.status.refusal, undefined);
});

test("start does not wait for a pause to end", async () => {
  const { server, socket } = await opened();
  server.line.say({ type: "goingAway", retryInMs: 20_000 });
  socket.start();
  await server.welcome();
  assert.equal(socket.status.phase, "open");
  await pass(20_000);
  assert.equal(server.lines.length, 2);
});

test("the room says within which time the first attempt falls", async () => {
  const { server } = await opened({ cursors: () => null, windowMs: () => 12_000 });
  server.chance = 0.25;
  server.line.cut(1006);
  await pass(2900);
  assert.equal(server.lines.length, 1);
  await pass(100);
  assert.equal(server.lines.length, 2);
});

test("the hello says up to where the room was heard, and a replay opens the line as well", async () => {
  const { server, socket } = await opened({ cursors: () => CURSORS, windowMs: () => 0 });
  assert.deepEqual(server.line.last("hello").resume, CURSORS);
  const answer = socket.request({ type: "leaveSeat" });
  server.line.cut(1006);
  await pass(1);
  await server.greet(resumed());
  assert.equal(socket.status.phase, "open");
  const { ref } = server.line.last("leaveSeat");
  server.line.say({ type: "reply", ref, seq: 12, result: null, error: null });
  assert.equal((await answer).seq, 12);
});

test("resume is asked once at a time", async () => {
  const { server, socket } = await opened({ cursors: () => CURSORS, windowMs: () => 0 });
  const { line } = server;
  const asked = () => line.sent.filter(({ type }) => type === "resume");
  socket.resume();
  socket.resume();
  assert.deepEqual(asked(), [{ type: "resume", cursors: CURSORS }]);
  line.say(resumed());
  socket.resume();
  assert.equal(asked().length, 2);
  line.say(snapshot());
  await pass(RESUME_MS);
  assert.equal(socket.status.phase, "open");
});

test("without an answer to resume the line is given up, once", async () => {
  const { server, socket } = await opened({ cursors: () => CURSORS, windowMs: () => 1000 });
  socket.resume();
  await pass(RESUME_MS - 500);
  assert.equal(socket.status.phase, "open");
  await pass(500);
  assert.equal(socket.status.phase, "waiting");
  await pass(1000);
  await server.greet(resumed());
  await pass(RESUME_MS);
  assert.deepEqual([socket.status.phase, server.lines.length], ["open", 2]);
});

test("a line that is cut while resume is under way asks in its hello, and may ask again", async () => {
  const { server, socket } = await opened({ cursors: () => CURSORS, windowMs: () => 0 });
  socket.resume();
  server.line.cut(1006);
  socket.resume();
  await pass(1);
  socket.resume();
  await server.greet(resumed());
  assert.equal(server.line.last("resume"), undefined);
  socket.resume();
  assert.deepEqual(server.line.last("resume").cursors, CURSORS);
});

test("every close code does what the table says", async () => {
  for (const [code, { retry, text }] of Object.entries(CLOSES)) {
    const { server, socket } = await opened();
    server.line.cut(Number(code));
    assert.equal(socket.status.phase, retry ? "waiting" : "closed", code);
    assert.equal(socket.status.text, text);
    await pass(RETRY_MAX_MS);
    assert.equal(server.lines.length > 1, retry, code);
  }
});

test("a close for good refuses open commands and new ones; start brings the line back", async () => {
  const { server, socket } = await opened();
  const answer = socket.request({ type: "leaveSeat" });
  server.line.cut(CloseCode.TAKEN_OVER);
  await assert.rejects(answer, { code: "SOCKET_CLOSED" });
  await assert.rejects(socket.request({ type: "leaveSeat" }), { code: "SOCKET_CLOSED" });
  socket.start();
  await server.welcome();
  assert.equal(socket.status.phase, "open");
});

test("what the server says against the hello is kept with the close, until the line is back", async () => {
  const server = new FakeServer();
  const socket = new MicSocket(server.options());
  socket.start();
  await settled();
  server.line.open();
  const error = { code: "BANNED", number: 100016, message: "", temporary: true, details: { reason: "conduct" } };
  server.line.say({ type: "reply", ref: null, seq: 0, result: null, error });
  server.line.cut(CloseCode.REMOVED);
  assert.deepEqual(socket.status.refusal, error);
  socket.start();
  await server.welcome();
  assert.equal(socket.status.refusal, undefined);
});

test("what the server says to a frame of an open line is not taken for the reason of a later cut", async () => {
  const { server, socket } = await opened();
  const error = { code: "TOO_FAST", number: 1, message: "", temporary: true, details: {} };
  server.line.say({ type: "reply", ref: null, seq: 10, result: null, error });
  server.line.say({ type: "reply", ref: "nobody's", seq: 10, result: null, error });
  server.line.cut(1006);
  assert.equal(socket.status.refusal, undefined);
});

test("it pings every twenty seconds and gives a quiet line up after forty-five", async () => {
  const { server, socket } = await opened();
  const { line } = server;
  await pass(PING_MS);
  assert.equal(line.sent.filter(({ type }) => type === "ping").length, 1);
  line.say({ type: "pong", ref: null, serverTime: "2026-01-01T12:00:20Z", seq: 10, room: 10, staff: 0, me: 0 });
  await pass(DEAD_MS - 500);
  assert.equal(socket.status.phase, "open");
  await pass(500);
  assert.equal(socket.status.phase, "waiting");
  assert.ok(line.isClosed);
});

test("a replay in the middle of a line starts no second heartbeat", async () => {
  const { server } = await opened();
  const { line } = server;
  line.say(resumed());
  line.say(snapshot());
  await pass(PING_MS);
  assert.equal(line.sent.filter(({ type }) => type === "ping").length, 1);
});

test("a server that says nothing to the hello is left after ten seconds", async () => {
  const server = new FakeServer();
  const socket = new MicSocket(server.options());
  socket.start();
  await settled();
  server.line.open();
  await pass(HELLO_MS);
  assert.equal(socket.status.phase, "waiting");
});

test("no ticket for good ends the line; no ticket for now tries again", async () => {
  for (const [temporary, phase] of /** @type {const} */ ([
    [false, "closed"],
    [true, "waiting"],
  ])) {
    const server = new FakeServer();
    const options = server.options();
    options.fetchTicket = async () => {
      throw new MicError("TICKET", "There is no such room.", { temporary });
    };
    const socket = new MicSocket(options);
    socket.start();
    await settled();
    assert.equal(socket.status.phase, phase);
    assert.equal(server.lines.length, 0);
    assert.match(String(socket.status.ticketError), /There is no such room/, "whoever waits for the line can say why");
  }
});

test("what an older line still says is not heard", async () => {
  const { server, socket } = await opened();
  const [old] = server.lines;
  socket.restart();
  await settled();
  let heard = 0;
  socket.addEventListener("frame", () => heard++);
  old?.say({ type: "callbacks", lane: "room", seq: 11, serverTime: "2026-01-01T12:00:00Z", callbacks: [] });
  old?.cut(CloseCode.TAKEN_OVER);
  assert.equal(heard, 0);
  await server.welcome();
  assert.equal(socket.status.phase, "open");
});

/** @param {MicSocket} socket @param {FakeServer} server @param {(line: any) => Promise<void>} end */
async function swallowed(socket, server, end) {
  const texts = [];
  for (let attempt = 0; attempt < 4; attempt++) {
    const before = server.lines.length;
    while (server.lines.length === before) await pass(1000);
    await end(server.line);
    texts.push(socket.status.text);
  }
  return texts;
}

const BLOCKED = /allow wss?:\/\/[^ ]+, or use another network/;

for (const [how, end] of /** @type {[string, (line: any) => Promise<void>][]} */ ([
  ["are closed at once", async (line) => line.cut(1006)],
  ["are never answered", async () => pass(HELLO_MS)],
])) {
  test(`lines that ${how} while tickets come say what is blocked, and are tried on`, async () => {
    const server = new FakeServer();
    const socket = new MicSocket(server.options());
    socket.start();
    const texts = await swallowed(socket, server, end);
    assert.deepEqual(
      texts.map((text) => BLOCKED.test(text)),
      [false, false, true, true],
    );
    assert.equal(socket.status.phase, "waiting");
    const before = server.lines.length;
    for (let left = RETRY_MAX_MS; left > 0 && server.lines.length === before; left -= 500) await pass(500);
    assert.ok(server.lines.length > before, "it goes on trying");
    await server.welcome();
    server.line.cut(1006);
    assert.doesNotMatch(socket.status.text, BLOCKED, "a line that worked is lost in another way");
  });
}

test("a server that is away, or says why it closes, is no blocked network", async () => {
  const server = new FakeServer();
  const socket = new MicSocket(server.options());
  socket.start();
  const texts = await swallowed(socket, server, async (line) => {
    line.say({
      type: "reply",
      ref: null,
      seq: 0,
      result: null,
      error: { code: "TRY_LATER", message: "", details: {} },
    });
    line.cut(CloseCode.FULL);
  });
  assert.ok(!texts.some((text) => BLOCKED.test(text)));
});

test("a browser without WebSocket is told so in words", async () => {
  const server = new FakeServer();
  const { open: _, ...options } = server.options();
  const socket = new MicSocket({ ...options, open: () => new /** @type {any} */ (globalThis).NoSuchThing() });
  socket.start();
  await settled();
  assert.equal(socket.status.phase, "closed");
  assert.match(socket.status.text, /WebSocket is missing/);
});
