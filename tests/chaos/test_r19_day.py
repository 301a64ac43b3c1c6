"""R19: a day of deadlines with a clock that is moved on: nothing is stuck, nothing passes twice."""

import asyncio

from tests.chaos import figures, law, oracle
from tests.chaos.expiries import Witness
from tests.chaos.processes import Injected, serving
from tests.chaos.show import open_show

HOURS = 24
STEP = figures.count(4, 1)
ROUNDS = range(0, HOURS, STEP)
APPLICANTS = figures.count(6, 60)
SHIFTS = 3  # nobody asks more often than people may, by a clock that is not moved
WAITS_S = (5, 30, 60, 299, 300, 600)


async def test_r19_a_day_of_deadlines_leaves_nothing_stuck() -> None:
    injected = Injected()
    async with serving(injected.env) as servers:
        server = servers[0]
        show = await open_show(servers, audience=SHIFTS * APPLICANTS + 2, helpers=0)
        barred, invited = show.audience[-2:]
        host = show.host
        witness = Witness(host)
        await host.do("createInviteLink", expiresS=20 * 3600)
        for number, hour in enumerate(ROUNDS):
            for n, applicant in enumerate(show.audience[number % SHIFTS : -2 : SHIFTS]):
                await applicant.do("apply", media="audio", timeoutS=WAITS_S[(n + number) % len(WAITS_S)])
            await host.do("invite", userId=invited.name, media="audio", timeoutS=60)
            await host.do("barUser", userId=barred.name, seconds=1800)
            injected.move_clock(600.0 + 3600 * hour)  # on a limit, and then beyond all of them
            injected.move_clock(3600.0 * (hour + STEP))
            await host.until(lambda: not host.picture.state["requests"], f"the requests of hour {hour}", 60)
            await host.until(lambda: not host.picture.state["sanctions"], f"the bar of hour {hour}", 60)
        assert not host.picture.state["links"], "a link outlived its day"
        stuck = await asyncio.to_thread(oracle.overdue, server, 5)
        assert stuck == 0, f"{stuck} rows wait for a moment that has passed"
        await law.true_again(show.everybody)
        law.no_moment_twice(show.everybody)
        expired = witness.check()
        assert expired == len(ROUNDS) * (APPLICANTS + 1)
        assert not [f.closes for f in show.everybody if f.closes], "sockets were closed"
        figures.note("r19", hours=HOURS, deadlines=expired + len(ROUNDS) + 1, stuck=0)
