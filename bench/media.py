"""What sound and picture cost: a forwarded packet, a viewer who joins, and how fast a cut is; both media servers."""

import asyncio
import os
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from msgspec import Struct

from bench.mediapeers import Worker
from bench.procs import Failed, cpu_s, rss_kib
from micconnect.media.base import MediaBackend, MediaUnavailable
from micconnect.media.embedded import EmbeddedBackend

LOOPBACK = "127.0.0.1"
SEATS = 1
SETTLE_S = 3.0
SILENT_S = 0.5
JOINS_AT_ONCE = 24
AGAIN_S = 0.2
FEW_PER_S = 2
ALL_IN_S = 300.0


class Served:
    """A backend with its media server's process."""

    def __init__(self, kind: str, backend: MediaBackend, pid: int, address: str) -> None:
        self.kind, self.backend, self.pid, self.address = kind, backend, pid, address


@asynccontextmanager
async def serving(kind: str, nodes: int = 1, **more: int) -> AsyncIterator[Served]:
    """A media server of that kind, up; of Janus so many, of which the first is looked at."""
    from tests.media import janus_server

    async with AsyncExitStack() as stack:
        if kind == "janus":
            servers = [stack.enter_context(janus_server.JanusServer(n)) for n in range(nodes)]
            backend: MediaBackend = janus_server.backend_of(*servers, **more)
            await backend.start()
            served = Served(kind, backend, servers[0].pid, janus_server.ADDRESS)
        else:
            embedded = EmbeddedBackend(LOOPBACK)
            await embedded.start()
            if embedded.pid is None:
                raise Failed("the forwarder does not start")
            served = Served(kind, embedded, embedded.pid, LOOPBACK)
        stack.push_async_callback(served.backend.stop)
        yield served


async def publish(served: Served, worker: Worker, **how: Any) -> None:
    """Somebody is on air on seat 0 of the room; `how`: see `Peers.offer`."""
    from tests.media.peers import grant

    offer = await worker.ask("offer", name="host", **how)
    answer = await served.backend.open_publish(grant("bench", "host", seat=0), offer["sdp"])
    await worker.ask("accept", name="host", sdp=answer)


async def watch(served: Served, worker: Worker, name: str) -> None:
    """One more viewer of the room; returns when connected, with what it was told to wait. Raises ValueError if not."""
    end = time.monotonic() + ALL_IN_S
    while True:
        try:
            offer = await served.backend.open_watch("bench", name, SEATS, is_staff=False)
            break
        except MediaUnavailable:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(AGAIN_S)
    answer = await worker.ask("view", name=name, sdp=offer.sdp)
    await served.backend.answer(offer.watch_id, answer["sdp"])
    await worker.ask("connected", name=name)


async def crowd(served: Served, workers: Sequence[Worker], n: int) -> list[float]:
    """So many viewers come, some at a time, and try again as pages do; returns how long each took, in seconds."""
    turns = asyncio.Semaphore(JOINS_AT_ONCE)
    end = time.monotonic() + ALL_IN_S

    async def come(number: int) -> float:
        async with turns:
            began = time.monotonic()
            while True:
                try:
                    await watch(served, workers[number % len(workers)], f"viewer-{number}")
                    return time.monotonic() - began
                except ValueError:
                    if time.monotonic() > end:
                        raise

    return await asyncio.gather(*(come(number) for number in range(n)))


async def forwarding(kind: str, viewers: int, seconds: float) -> dict[str, Any]:
    """CPU of the media server for one packet to one viewer, beside what it takes with all of them and nobody on air."""
    async with serving(kind) as served, Worker(served.address) as sender, Worker(served.address) as receiver:
        await crowd(served, [receiver], viewers)
        await asyncio.sleep(SETTLE_S)
        idle_per_s = await _cpu_per_s(served.pid, seconds / 2)
        await publish(served, sender)
        await asyncio.sleep(SETTLE_S)
        before, began = (await receiver.ask("counted"))["packets"], time.monotonic()
        used_per_s = await _cpu_per_s(served.pid, seconds)
        packets = (await receiver.ask("counted"))["packets"] - before
        per_s = packets / (time.monotonic() - began)
    return {
        "viewers": viewers,
        "packets_per_s": round(per_s),
        "idle_core_share": round(idle_per_s, 3),
        "core_share": round(used_per_s, 3),
        "us_per_packet": round((used_per_s - idle_per_s) / per_s * 1e6, 1),
    }


async def _cpu_per_s(pid: int, seconds: float) -> float:
    before, began = cpu_s(pid), time.monotonic()
    await asyncio.sleep(seconds)
    return (cpu_s(pid) - before) / (time.monotonic() - began)


async def joining(kind: str, viewers: int, workers: int, nodes: int = 1, **more: int) -> dict[str, Any]:
    """All of them come to one room with somebody on air: CPU of controller and media server for each, and how long."""
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(serving(kind, nodes, **more))
        clients = [await stack.enter_async_context(Worker(served.address)) for _ in range(workers)]
        sender = await stack.enter_async_context(Worker(served.address))
        # few packets: so many viewers in Python could not count more, and would be late to connect
        await publish(served, sender, picture_per_s=FEW_PER_S, has_sound=False)
        before, own, began = cpu_s(served.pid), time.process_time(), time.monotonic()
        took = await crowd(served, clients, viewers)
        server_s, own_s, all_s = cpu_s(served.pid) - before, time.process_time() - own, time.monotonic() - began
        counted = [(await client.ask("counted"))["packets"] for client in clients]
        await asyncio.sleep(2.0)
        later = [(await client.ask("counted"))["packets"] for client in clients]
        # what those who were in already cost meanwhile is no part of joining; on the way they were half of all
        standing = await _cpu_per_s(served.pid, SETTLE_S)
        figures = await served.backend.figures()
        return {
            "viewers": viewers,
            "connected": len(took),
            "watches_by_server": [node.watches for node in figures],
            "all_in_s": round(all_s, 1),
            "join_p50_s": round(statistics.median(took), 2),
            "join_max_s": round(max(took), 2),
            "controller_ms_per_join": round(own_s / viewers * 1000, 2),
            "first_server_ms_per_join": round((server_s - standing / 2 * all_s) / viewers * 1000, 2),
            "first_server_core_share_then": round(standing, 3),
            "first_server_rss_mib": round(rss_kib(served.pid) / 1024),
            "packets_per_viewer_and_s": round((sum(later) - sum(counted)) / viewers / 2.0, 1),
        }


async def cutting(kind: str, rounds: int) -> dict[str, Any]:
    """How fast a guest is cut off, through a whole server: milliseconds from the host's command until the last packet
    that came to a viewer, and until the command was answered. The guest goes on sending.
    """
    from tests.conftest import actor
    from tests.live import Client, Server
    from tests.media import janus_server
    from tests.media.line import Line

    async with AsyncExitStack() as stack:
        env = _with_janus(stack) if kind == "janus" else {}
        address = janus_server.ADDRESS if kind == "janus" else LOOPBACK
        server = Server(**env)
        stack.callback(server.stop)
        await asyncio.to_thread(server.start)
        host = await _live_room(server)
        stack.push_async_callback(Client.close_all)
        sender, receiver = [await stack.enter_async_context(Worker(address)) for _ in range(2)]
        viewer = Line(await Client.open(server, host.slug, actor("Viewer")))
        offer = await viewer.open_watch()
        await viewer.answer(offer.watch_id, (await receiver.ask("view", name="viewer", sdp=offer.sdp))["sdp"])
        await receiver.ask("connected", name="viewer")
        last, answered = [], []
        for number in range(rounds):
            guest = await Client.open(server, host.slug, actor(f"Guest{number}"))
            asked = await guest.do("apply", media="video")
            await host.client.do("respondToApplication", requestId=asked["request"]["requestId"], isAccepted=True)
            sdp = (await sender.ask("offer", name=f"guest-{number}"))["sdp"]
            answer = await Line(guest).open_publish(None, sdp)
            await sender.ask("accept", name=f"guest-{number}", sdp=answer)
            await _flows(receiver)
            began = time.monotonic()
            await host.client.do("disconnectUser", userId=f"guest{number}")
            answered.append((time.monotonic() - began) * 1000)
            await asyncio.sleep(SILENT_S)
            last.append(max(0.0, (await receiver.ask("counted"))["last"] - began) * 1000)
            await sender.ask("close")
    return {
        "cuts": rounds,
        "last_packet_p50_ms": round(statistics.median(last), 1),
        "last_packet_max_ms": round(max(last), 1),
        "answered_p50_ms": round(statistics.median(answered), 1),
    }


def _with_janus(stack: AsyncExitStack) -> dict[str, str]:
    """The settings of a server beside a Janus that runs as long as the stack."""
    from tests.media import janus_server

    return janus_server.settings_for(stack.enter_context(janus_server.JanusServer()))


class Host(Struct):
    """Who may do everything in the room."""

    client: Any
    slug: str


async def _live_room(server: Any) -> Host:
    """A live room at a server of the tests."""
    from micconnect.protocol.words import Role
    from tests.live import Client, Visitor

    def make() -> tuple[str, str]:
        visitor = Visitor(server).sign_up("Hannah")
        slug = visitor.new_room()
        return slug, visitor.ticket(slug, Role.HOST)[1]["ticket"]

    slug, ticket = await asyncio.to_thread(make)
    client = await Client.open(server, slug, ticket)
    await client.do("goLive")
    return Host(client, slug)


async def _flows(receiver: Worker, packets: int = 20) -> None:
    before = (await receiver.ask("counted"))["packets"]
    end = time.monotonic() + ALL_IN_S
    while (await receiver.ask("counted"))["packets"] < before + packets:
        if time.monotonic() > end:
            raise Failed("nothing arrives at the viewer")
        await asyncio.sleep(0.02)


async def measured(*, is_short: bool) -> dict[str, Any]:
    """All of it, one after another."""
    viewers, seconds, rounds = (20, 6.0, 5) if is_short else (100, 20.0, 25)
    joins = 60 if is_short else 1000
    result: dict[str, Any] = {}
    for kind in ("embedded", "janus"):
        result[kind] = {
            "forwarding": await forwarding(kind, viewers, seconds),
            "cut": await cutting(kind, rounds),
        }
    result["janus"]["joining"] = await joining("janus", joins, workers=2)
    result["janus"]["joining_two_servers"] = await joining("janus", joins, 2, nodes=2, watches_per_node=joins // 2)
    return result


def media(*, is_short: bool) -> dict[str, Any]:
    """The figures under `media`. Needs the network of scripts/in-namespace, or another that is not loopback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livestream.settings")
    return asyncio.run(measured(is_short=is_short))
