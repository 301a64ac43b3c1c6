"""R07: everybody is cut off at once: all come back by themselves, spread out, and cost the database little."""

import asyncio

from tests.chaos import figures, law
from tests.chaos.counting import Statements
from tests.chaos.processes import database_url, fresh_database, serving
from tests.chaos.relay import Relay
from tests.chaos.show import Show, all_in, open_show
from tests.stack import Stack

SOCKETS = figures.count(300, 2000)
QUIET_S = 5.0
STATEMENTS_PER_REJOIN = 3.0


def peak_per_s(moments: list[float]) -> int:
    """The most that fall into any one second."""
    ordered = sorted(moments)
    first, most = 0, 0
    for last, moment in enumerate(ordered):
        while moment - ordered[first] > 1:
            first += 1
        most = max(most, last - first + 1)
    return most


async def test_r07_a_storm_of_returns_is_spread_and_cheap(stack: Stack) -> None:
    statements = Statements()
    relay = await Relay(stack.postgres.port, statements.watch).start()
    name = await asyncio.to_thread(fresh_database, stack)
    async with serving({"MIC_DATABASE_URL": database_url(stack, name, relay.port)}) as servers:
        await storm(await open_show(servers, audience=SOCKETS, helpers=1), statements)
    await relay.close()


async def storm(show: Show, statements: Statements) -> None:
    """Cuts everybody at once and counts what the database is asked until all are back."""
    loop = asyncio.get_running_loop()
    await law.true_again(show.everybody)
    begin, before = loop.time(), statements.count
    await asyncio.sleep(QUIET_S)
    idle_per_s = (statements.count - before) / (loop.time() - begin)

    begin, before = loop.time(), statements.count
    for follower in show.everybody:
        follower.cut()
    await asyncio.sleep(0.5)
    await all_in(show.everybody)
    joins = [follower.joins[-1] for follower in show.everybody]
    assert min(joins) > begin, "somebody was never cut"
    await asyncio.sleep(QUIET_S)  # rows about sockets are written a little later
    asked = statements.count - before - idle_per_s * (loop.time() - begin)
    per_rejoin = asked / len(joins)
    assert per_rejoin <= STATEMENTS_PER_REJOIN, f"{asked:.0f} statements for {len(joins)} returns"
    assert all(f.picture.counts["replays"] for f in show.everybody), "a short cut was answered by a snapshot"
    await law.true_again(show.everybody)
    law.no_moment_twice(show.everybody)
    figures.note(
        "r07",
        sockets=len(joins),
        back_s=max(joins) - begin,
        peak_hellos_per_s=peak_per_s([follower.hellos[-1] for follower in show.everybody]),
        peak_joins_per_s=peak_per_s(joins),
        turned_away=sum(f.turned_away for f in show.everybody),
        statements_per_rejoin=per_rejoin,
    )
