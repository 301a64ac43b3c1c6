"""What one change costs to tell to N sockets of `manage.py serve`: server CPU per delivery, closed loop.

N sockets with tickets of N people watch one live room with a host and three guests. The host switches the own
microphone; each socket gets the new list of connected users. The next change waits until all N have the last one.
CPU is utime + stime of the server process, the command itself included. Prints one JSON object.
"""

import argparse
import asyncio
import json
import logging
import os
import resource
import time
from pathlib import Path
from typing import Any

import picows
import uvloop

from tests.conftest import actor
from tests.live import Client, Server, Visitor

WANTED = b"onConnectedUsersUpdated"
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Listener(picows.WSListener):
    """Counts the deliveries it is there for; everything else passes."""

    arrived = 0
    closed = 0
    size = 0
    target = 0
    done: "asyncio.Future[None] | None" = None

    def __init__(self, hello: bytes) -> None:
        self.hello = hello

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        transport.send(picows.WSMsgType.TEXT, self.hello)

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        Listener.closed += 1

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        if frame.msg_type == picows.WSMsgType.PING:
            transport.send_pong(frame.get_payload_as_bytes())
            return
        data = frame.get_payload_as_bytes()
        if WANTED in data and not data.startswith(b'{"type":"snapshot"'):
            Listener.arrived += 1
            Listener.size += len(data)
            if Listener.arrived == Listener.target and Listener.done and not Listener.done.done():
                Listener.done.set_result(None)


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def rss_kib(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


async def measure(server: Server, slug: str, host_ticket: str, sockets: int, changes: int) -> dict[str, Any]:
    from micconnect import auth

    host = await Client.open(server, slug, host_ticket)
    await host.do("goLive")
    for number in range(3):
        guest = await Client.open(server, slug, actor(f"Guest{number}"))
        request = (await guest.do("apply", media="audio"))["request"]
        await host.do("respondToApplication", requestId=request["requestId"], isAccepted=True)
    pid = server.process.pid
    rss = rss_kib(pid)
    gate = asyncio.Semaphore(100)

    async def open_one(number: int) -> None:
        ticket = auth.issue_ticket(slug, actor(f"Viewer{number}"))
        hello = json.dumps({"type": "hello", "ticket": ticket, "versions": [1]}).encode()
        async with gate:
            await picows.ws_connect(lambda: Listener(hello), f"ws://127.0.0.1:{server.port}/ws/rooms/{slug}/")

    await asyncio.gather(*(open_one(number) for number in range(sockets)))
    await asyncio.sleep(3)  # snapshots, counts and the batch of socket rows
    rss_per_socket = (rss_kib(pid) - rss) / sockets
    last_ms: list[float] = []
    before = cpu_s(pid)
    Listener.arrived = Listener.size = 0
    for number in range(changes):
        Listener.target, Listener.done = Listener.arrived + sockets, asyncio.get_running_loop().create_future()
        start = time.perf_counter()
        await host.do("setDevice", device="microphone", isOpen=bool(number % 2))
        await asyncio.wait_for(Listener.done, 60)
        last_ms.append((time.perf_counter() - start) * 1000)
        await asyncio.sleep(0.06)  # stays below the limit of twenty frames a second
    used = cpu_s(pid) - before
    return {
        "bench": "fanout",
        "server": "serve",
        "n": sockets,
        "changes": changes,
        "us_per_delivery": round(used / (sockets * changes) * 1e6, 1),
        "bytes_per_delivery": round(Listener.size / Listener.arrived),
        "last_ms_median": round(sorted(last_ms)[changes // 2], 1),
        "rss_kib_per_socket": round(rss_per_socket, 1),
        "closed": Listener.closed,
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("-n", type=int, default=1000, help="sockets")
    options.add_argument("--changes", type=int, default=60)
    chosen = options.parse_args()
    logging.disable(logging.INFO)  # the client library writes a line per socket
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    from micconnect.protocol.words import Role

    server = Server("serve").start()
    try:
        visitor = Visitor(server).sign_up("Hannah")
        slug = visitor.new_room()
        ticket = visitor.ticket(slug, Role.HOST)[1]["ticket"]
        result = uvloop.run(measure(server, slug, ticket, chosen.n, chosen.changes))
        print(json.dumps(result), flush=True)
        server.stop()
    finally:
        server.kill()
    os._exit(0)  # a thousand open sockets need no goodbye


if __name__ == "__main__":
    main()
