"""R16: two processes, each with its own clock, one of them wrong by two seconds: every deadline passes once."""

import asyncio

from tests.chaos import figures, law, oracle
from tests.chaos.expiries import Witness
from tests.chaos.processes import Injected, cluster
from tests.chaos.show import open_show
from tests.live import Server
from tests.stack import Stack

ROUNDS = figures.count(1, 10)
APPLICANTS = 30
WAIT_S = 5


async def test_r16_two_clocks_fire_every_deadline_once_and_a_walk_passes_through_both(stack: Stack) -> None:
    injected = Injected()
    injected.move_clock(2.0)
    async with cluster(stack, {}, injected.env) as servers:
        await two_clocks(servers)


async def two_clocks(servers: list[Server]) -> None:
    """A walk through both processes, then deadlines that both see."""
    show = await open_show(servers[:1], audience=0, helpers=0)
    witness = Witness(show.host)
    show.servers = servers[1:]
    await show.fill(1)
    guest = show.audience[0]
    await show.seat(guest)  # asked at the second process, granted at the first
    await guest.until(lambda: guest.picture.state["me"]["connection"], "the seat")
    await show.host.do("lockDevice", userId=guest.name, device="microphone", isLocked=True)
    await guest.until(lambda: "onLocalDeviceClosedByAdmin" in guest.picture.moments.values(), "the lock")
    await guest.do("leaveSeat")
    await show.host.until(lambda: len(show.host.picture.state["connectedUsers"]) == 1, "the seat to be free")

    show.servers = servers
    await show.fill(APPLICANTS, "Applicant")
    applicants = show.audience[1:]
    for _ in range(ROUNDS):
        for applicant in applicants:
            await applicant.do("apply", media="audio", timeoutS=WAIT_S)
        await show.host.until(lambda: not show.host.picture.state["requests"], "all to time out", 60)
    await law.true_again(show.everybody)
    law.no_moment_twice(show.everybody)
    log = await asyncio.to_thread(oracle.read_log, servers[0], show.slug)
    expired = witness.check()
    assert expired == ROUNDS * APPLICANTS
    for applicant in applicants:
        heard = [kind for kind in applicant.picture.moments.values() if kind == "onUserConnectionTimeout"]
        assert len(heard) == ROUNDS, f"{applicant.name} heard {heard}"
    law.no_answer_lost(show.everybody, log)
    figures.note("r16", deadlines=expired, fired_twice=0, ticks=len({e.seq for e in log if e.command == "tick"}))
