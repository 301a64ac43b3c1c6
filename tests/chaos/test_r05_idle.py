"""R05: nobody is closed for being idle, on any of the ways in which the server may be run."""

import asyncio

from tests.chaos import figures, law
from tests.chaos.show import Show, open_show
from tests.live import Server

SOCKETS = 200
IDLE_S = figures.pick(25, 600)  # longer than the time-out of any Redis client


async def stay_idle(show: Show) -> None:
    people = show.everybody
    await asyncio.sleep(IDLE_S)
    closed = [follower.closes for follower in people if follower.closes]
    assert not closed, f"{len(closed)} idle sockets were closed: {closed[:5]}"
    assert await show.host.ping() < IDLE_S
    await law.true_again(people)


async def test_r05_idle_sockets_stay_open_on_every_layer(server: Server, pair: list[Server]) -> None:
    shows = [await open_show(servers, audience=SOCKETS, helpers=0) for servers in ([server], pair)]
    await asyncio.gather(*map(stay_idle, shows))
    slowest = max(max(follower.pings, default=0.0) for show in shows for follower in show.everybody)
    figures.note("r05", sockets=SOCKETS, layers=2, idle_s=IDLE_S, closes=0, slowest_pong_s=slowest)
