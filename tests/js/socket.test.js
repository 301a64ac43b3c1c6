/** The line: hello, replies, cuts, backoff, heartbeat, and closes for good. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { CLOSES, CloseCode } from "../../static/micconnect/protocol.js";
import { BACKOFF_MAX_MS, DEAD_MS, HELLO_MS, MicSocket, PING_MS, backoff } from "../../static/micconnect/socket.js";
import { MicError } from "../../static/micconnect/errors.js";
import { FakeServer, settled } from "./fakes.js";

let now = 0;
/** @param {number} ms */
async function pass(ms) {
  for (let left = ms; left > 0; left -= 500) {
    now += Math.min(500, left);
    mock.timers.tick(Math.min(500, left));
    await settled();
  }
}

beforeEach(() => {
  now = 0;
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  mock.method(performance, "now", () => now);
});
afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

async function opened() {
  const server = new FakeServer();
  const socket = new MicSocket(server.options());
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
  assert.deepEqual(server.line.sent, [{ type: "hello", ticket: "ticket-1", versions: [1] }]);
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
    number: 100202,
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
    assert.equal(refusal.number, 100202);
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
  await pass(500);
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
  await pass(500);
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
  await pass(500);
  await server.welcome();
  assert.equal(server.line.last("watch"), undefined);
});

test("the pause doubles from half a second to fifteen, and half of it is chance", () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 50].map((attempt) => backoff(attempt, 1)),
    [500, 1000, 2000, 4000, 8000, 15_000, BACKOFF_MAX_MS],
  );
  assert.equal(backoff(0, 0), 250);
});

test("attempts that fail wait longer and longer; a snapshot sets the pause back", async () => {
  const { server } = await opened();
  server.line.cut(1006);
  await pass(500);
  server.line.cut(1006);
  await pass(500);
  assert.equal(server.lines.length, 2, "the second pause is a whole second");
  await pass(500);
  assert.equal(server.lines.length, 3);
  await server.welcome();
  server.line.cut(1006);
  await pass(500);
  assert.equal(server.lines.length, 4);
});

test("every close code does what the table says", async () => {
  for (const [code, { retry, text }] of Object.entries(CLOSES)) {
    const { server, socket } = await opened();
    server.line.cut(Number(code));
    assert.equal(socket.status.phase, retry ? "waiting" : "closed", code);
    assert.equal(socket.status.text, text);
    await pass(BACKOFF_MAX_MS);
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

test("it pings every twenty seconds and gives a quiet line up after forty-five", async () => {
  const { server, socket } = await opened();
  const { line } = server;
  await pass(PING_MS);
  assert.equal(line.sent.filter(({ type }) => type === "ping").length, 1);
  line.say({ type: "reply", ref: null, seq: 10, result: null, error: null });
  await pass(DEAD_MS - 500);
  assert.equal(socket.status.phase, "open");
  await pass(500);
  assert.equal(socket.status.phase, "waiting");
  assert.ok(line.isClosed);
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
