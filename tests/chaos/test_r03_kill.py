"""R03: kill -9 at any moment, also between a commit and the word about it: what was answered stands, and is told."""

import asyncio
from collections.abc import Sequence

from tests.chaos import figures, law, oracle
from tests.chaos.history import History
from tests.chaos.processes import Injected, cluster, restart, serving, wait_for_end
from tests.chaos.show import Show, all_in, open_show
from tests.live import Server
from tests.stack import Stack

KILLS = figures.count(3, 100)
KILLS_OF_TWO = figures.count(2, 50)


async def kill_again_and_again(show: Show, victims: Sequence[Server], injected: Injected, kills: int) -> list[float]:
    """Kills and starts servers under load; returns how long after each start everybody's picture was true."""
    waits = []
    for number in range(kills):
        victim = victims[number % len(victims)]
        for follower in show.everybody if len(show.servers) > 1 else ():
            follower.cut()  # after the last death they are all at the other process
        await all_in(show.everybody)
        history = History(show, per_s=12)
        await asyncio.sleep(show.rng.uniform(0.3, 2.0))
        if number % 2:
            injected.death.touch()  # the next commit is the last
            await asyncio.to_thread(wait_for_end, victim)
            injected.death.unlink()
            await asyncio.to_thread(victim.start)
        else:
            await restart(victim, Server.kill)
        await history.stop()
        await all_in(show.everybody)
        waits.append(await law.true_again(show.everybody))
    return waits


async def check_and_note(name: str, show: Show, server: Server, waits: list[float]) -> None:
    people = show.everybody
    law.no_moment_twice(people)
    log = await asyncio.to_thread(oracle.read_log, server, show.slug)
    moments = law.no_moment_lost(people, log)
    answers = law.no_answer_lost(people, log)
    assert answers > len(waits), f"hardly anything was answered: {answers}"
    replays = sum(f.picture.counts["replays"] for f in people)
    p95 = figures.percentile(waits, 0.95)
    figures.note(name, kills=len(waits), changes=len(log), answers=answers, moments=moments, replays=replays, p95_s=p95)


async def test_r03_kill_9_of_the_only_process_loses_no_answer() -> None:
    injected = Injected()
    async with serving(injected.env) as servers:
        show = await open_show(servers, audience=15, helpers=1, seed=3)
        waits = await kill_again_and_again(show, servers, injected, KILLS)
        await check_and_note("r03 one process", show, servers[0], waits)


async def test_r03_kill_9_of_one_of_two_processes_loses_no_answer(stack: Stack) -> None:
    injected = Injected()
    async with cluster(stack, injected.env, {}) as servers:
        show = await open_show(servers, audience=16, helpers=1, seed=33)
        waits = await kill_again_and_again(show, servers[:1], injected, KILLS_OF_TWO)
        await check_and_note("r03 two processes", show, servers[1], waits)
