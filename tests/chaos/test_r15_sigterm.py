"""R15: a server that is asked to stop tells everybody when to come back, and nobody loses a seat over the restart."""

import asyncio

from tests.chaos import figures, law
from tests.chaos.processes import terminate
from tests.chaos.show import all_in, open_show
from tests.chaos.test_r07_storm import peak_per_s
from tests.live import Server

SOCKETS = figures.count(100, 500)
GUESTS = 3
STAKE_S = 1.0


async def test_r15_sigterm_spreads_the_returns_and_keeps_the_seats(own_server: Server) -> None:
    server = own_server
    show = await open_show([server], audience=SOCKETS, helpers=1, wait_s=0)
    guests, waiting = show.audience[:GUESTS], show.audience[GUESTS]
    for guest in guests:
        await show.seat(guest)
    await waiting.do("apply", media="audio", timeoutS=0)
    seats = [show.host.name, *(guest.name for guest in guests)]
    loop = asyncio.get_running_loop()
    begin = loop.time()
    code = await asyncio.to_thread(terminate, server)
    stopped_s = loop.time() - begin
    assert not [line for line in server.output if "Traceback" in line], server.output
    await asyncio.to_thread(server.start)
    for follower in show.everybody:
        assert len(follower.hints) == 1, f"{follower.name} heard {follower.hints}"
        assert follower.closes[0] == 1001, f"{follower.name} was closed with {follower.closes}"
    stakes = [show.host, *show.helpers, *guests, waiting]
    assert max(follower.hints[0] for follower in stakes) <= STAKE_S
    hints = sorted(f.hints[0] for f in show.everybody if f not in stakes)
    assert hints[-1] - hints[0] > 0.015 * len(hints), f"not spread: {hints[:3]} … {hints[-3:]}"
    assert peak_per_s(hints) < max(60, len(hints)), "all told to come back at once"

    await all_in(show.everybody)
    true_s = await law.true_again(show.everybody)
    law.no_moment_twice(show.everybody)
    kept = show.host.picture.state["seats"]
    assert [s["userId"] for s in kept if s["userId"]] == seats, "a seat was lost"
    assert waiting.picture.state["me"]["place"] == 1
    assert code == 0, server.output
    joins = [follower.joins[-1] - begin for follower in show.everybody]
    figures.note(
        "r15",
        sockets=len(joins),
        stopped_s=stopped_s,
        hint_max_s=hints[-1],
        back_s=max(joins),
        true_s=true_s,
        peak_joins_per_s=peak_per_s(joins),
        seats_lost=0,
    )
