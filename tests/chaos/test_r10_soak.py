"""R10: people come and go for a long time; memory does not grow with them, and no descriptor is forgotten."""

import asyncio

from tests.chaos import figures, law
from tests.chaos.processes import descriptors, rss_kib
from tests.chaos.show import open_show
from tests.conftest import actor
from tests.live import Server

SOCKETS = figures.count(100, 1000)
SOAK_S = figures.pick(20, 1800)
WARM_UP_S = figures.pick(5, 300)
JOINS_PER_S = 10
SAMPLE_S = 1.0
SLOPE_MAX_MIB_PER_MIN = figures.pick(60, 1)  # twenty seconds say little


def slope(samples: list[tuple[float, float]]) -> float:
    """The rise of the line that fits best."""
    mean_x = sum(x for x, _ in samples) / len(samples)
    mean_y = sum(y for _, y in samples) / len(samples)
    return sum((x - mean_x) * (y - mean_y) for x, y in samples) / sum((x - mean_x) ** 2 for x, _ in samples)


async def test_r10_a_soak_leaves_neither_memory_nor_descriptors_behind(own_server: Server) -> None:
    server = own_server
    show = await open_show([server], audience=SOCKETS, helpers=1)
    pid, loop = server.process.pid, asyncio.get_running_loop()
    await law.true_again(show.everybody)
    before = descriptors(pid)
    begin = loop.time()
    samples: list[tuple[float, float]] = []
    visitors = 0
    while (passed := loop.time() - begin) < SOAK_S:
        came = [show.come(actor(f"Visitor{visitors + n}")) for n in range(JOINS_PER_S)]
        visitors += len(came)
        await asyncio.gather(*(visitor.live() for visitor in came))
        if visitors % (5 * JOINS_PER_S) == 0:
            await show.host.do("updateRoom", title=f"After {visitors}")
            await came[0].do("apply", media="audio", note="x" * 100)
        for visitor in came:
            await visitor.close()
            visitor.opened.remove(visitor)
        if passed > WARM_UP_S:
            samples.append((passed / 60, rss_kib(pid) / 1024))
        await asyncio.sleep(max(0.0, SAMPLE_S - (loop.time() - begin - passed)))
    await show.host.until(
        lambda: show.host.picture.state["viewerCount"] == len(show.everybody), "the visitors to be gone"
    )
    await law.true_again(show.everybody)
    rise, after = slope(samples), descriptors(pid)
    assert abs(after - before) <= 5, f"{before} descriptors before, {after} after {visitors} visits"
    assert rise < SLOPE_MAX_MIB_PER_MIN, f"memory rises by {rise:.2f} MiB a minute"
    closes = sum(len(follower.closes) for follower in show.everybody)
    assert closes == 0, f"{closes} of those who stayed were closed"
    rss = {"rss_mib": samples[-1][1], "rise_mib_per_min": rise}
    figures.note("r10", sockets=SOCKETS, visits=visitors, descriptors=(before, after), **rss)
