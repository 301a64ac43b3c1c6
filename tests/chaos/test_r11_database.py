"""R11: a slow database, one that is down, and one that stands still: watching goes on, and it heals by itself."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.chaos import figures, law, oracle
from tests.chaos.processes import database_url, fresh_database, serving
from tests.chaos.relay import Relay
from tests.chaos.show import Show, open_show
from tests.live import Server
from tests.stack import Stack

Behind = tuple[Show, Relay, Server]
LATENCY_S = 0.5
DOWN_S = figures.pick(5, 30)


@pytest_asyncio.fixture
async def behind(stack: Stack) -> AsyncIterator[Behind]:
    """A show at a server whose database is reached by a relay."""
    relay = await Relay(stack.postgres.port).start()
    name = await asyncio.to_thread(fresh_database, stack)
    async with serving({"MIC_DATABASE_URL": database_url(stack, name, relay.port)}) as servers:
        yield await open_show(servers, audience=15, helpers=1), relay, servers[0]
        await relay.mend()
    await relay.close()


async def check_afterwards(show: Show, server: Server) -> None:
    assert not [f.closes for f in show.everybody if f.closes], "sockets were closed"
    await law.true_again(show.everybody)
    log = await asyncio.to_thread(oracle.read_log, server, show.slug)
    law.no_answer_lost(show.everybody, log)
    law.no_moment_lost(show.everybody, log)
    law.no_moment_twice(show.everybody)


async def test_r11_a_slow_database_delays_commands_but_no_heartbeat(behind: Behind) -> None:
    show, relay, server = behind
    relay.latency_s = LATENCY_S
    loop = asyncio.get_running_loop()
    begin = loop.time()
    command = show.host.ask("setMetadata", entries={"slow": "1"})
    pings = [await follower.ping() for follower in show.audience]
    assert not command.done(), "the relay is not in between"
    reply = await asyncio.wait_for(command, 60)
    assert reply["error"] is None, reply
    answered_s = loop.time() - begin
    relay.latency_s = 0.0
    await check_afterwards(show, server)
    figures.note("r11 slow", latency_s=LATENCY_S, slowest_pong_s=max(pings), answered_s=answered_s)


@pytest.mark.parametrize("fault", ["down", "standing still"])
async def test_r11_without_a_database_watching_goes_on_and_commands_come_later(behind: Behind, fault: str) -> None:
    show, relay, server = behind
    loop = asyncio.get_running_loop()
    if fault == "down":
        await relay.cut()
    else:
        relay.freeze()
    begin = loop.time()
    command = show.host.ask("setMetadata", entries={"during": "1"})
    answered: list[float] = []
    command.add_done_callback(lambda _: answered.append(loop.time() - begin))
    leaving = show.audience.pop()
    await leaving.close()
    pings = [await follower.ping() for follower in show.audience]
    count = len(show.everybody)
    await show.host.until(lambda: show.host.picture.state["viewerCount"] == count, "the count to be told")
    returning = show.audience[0]
    returning.cut()
    await asyncio.sleep(0.2)
    await returning.live()  # who was in a room that the server knows needs no database to return
    returning.closes.clear()
    if fault == "down":
        reply = await asyncio.wait_for(command, 60)
        assert reply["error"] and reply["error"]["code"] == "TRY_LATER" and reply["error"]["temporary"], reply
    await asyncio.sleep(max(0.0, DOWN_S - (loop.time() - begin)))
    pings += [await follower.ping() for follower in show.audience]
    await relay.mend()
    mended = loop.time()
    await asyncio.wait_for(command, 60)  # by a database that stood still nobody knows before whether it was done
    for _ in range(100):
        reply = await asyncio.wait_for(show.host.ask("setMetadata", entries={"after": "1"}), 60)
        if not reply["error"]:
            break
        await asyncio.sleep(0.2)
    assert not reply["error"], f"the database is back, but: {reply}"
    healed_s = loop.time() - mended
    await check_afterwards(show, server)
    times = {"answered_s": answered[0], "slowest_pong_s": max(pings), "healed_s": healed_s}
    figures.note(f"r11 {fault}", down_s=DOWN_S, **times)
