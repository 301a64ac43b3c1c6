"""R04: Redis goes, by stopping or by standing still: nobody is cut off, nobody is refused, nobody stays wrong."""

import asyncio

import pytest

from tests.chaos import figures, law, oracle
from tests.chaos.history import History
from tests.chaos.show import Show, open_show
from tests.live import Server
from tests.stack import Stack

AWAY_S = figures.pick(6, 20)


async def _bus_works(stack: Stack, show: Show) -> None:
    """Changes are published again, by and by: nobody has to live on the log alone."""
    before = await asyncio.to_thread(stack.redis.published)
    for number in range(60):
        await show.host.do("setMetadata", entries={"after": f"{number}"})
        if await asyncio.to_thread(stack.redis.published) > before:
            return
        await asyncio.sleep(0.5)
    raise AssertionError("Redis is back, but nothing is published")


@pytest.mark.parametrize("fault", ["stopped", "standing still"])
async def test_r04_without_redis_commands_are_answered_and_all_are_true_again(
    stack: Stack, pair: list[Server], fault: str
) -> None:
    show = await open_show(pair, audience=20, helpers=2, seed=4)
    history = History(show, per_s=10)
    await asyncio.sleep(2)
    loop = asyncio.get_running_loop()
    await asyncio.to_thread(stack.redis.stop if fault == "stopped" else stack.redis.pause)
    answers: list[float] = []
    until = loop.time() + AWAY_S
    while (begin := loop.time()) < until:
        await show.host.do("setMetadata", entries={"during": f"{len(answers)}"})
        answers.append(loop.time() - begin)
        await asyncio.sleep(0.3)
    await law.true_again(show.everybody)  # by the log, before Redis is back
    await asyncio.to_thread(stack.redis.start if fault == "stopped" else stack.redis.resume)
    await history.stop()
    true_s = await law.true_again(show.everybody)
    closed = [follower.closes for follower in show.everybody if follower.closes]
    assert not closed, f"{len(closed)} sockets were closed: {closed[:5]}"
    await _bus_works(stack, show)
    await law.true_again(show.everybody)
    law.no_moment_twice(show.everybody)
    log = await asyncio.to_thread(oracle.read_log, pair[0], show.slug)
    moments = law.no_moment_lost(show.everybody, log)
    answered = law.no_answer_lost(show.everybody, log)
    slowest = max(answers)
    figures.note(
        f"r04 {fault}",
        away_s=AWAY_S,
        closes=0,
        answers=answered,
        slowest_answer_s=slowest,
        moments=moments,
        true_s=true_s,
    )
