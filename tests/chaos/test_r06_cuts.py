"""R06: however often and however long people are cut off, what they see in the end is what a newcomer sees."""

import asyncio

from tests.chaos import figures, law, oracle
from tests.chaos.history import History
from tests.chaos.show import all_in, open_show
from tests.live import Server

CUTS = figures.count(150, 1000)
SHORTEST_S, LONGEST_S = 0.1, figures.pick(3.0, 40.0)
AUDIENCE = figures.count(27, 97)  # so many that half of them are there, however long the others stay away


async def test_r06_random_cuts_end_in_true_pictures_and_no_moment_twice(server: Server) -> None:
    show = await open_show([server], audience=AUDIENCE, helpers=2, seed=6)
    history = History(show, per_s=12)
    people = show.everybody
    for number in range(CUTS):
        await asyncio.sleep(show.rng.uniform(0.02, 0.2))
        chosen = show.rng.choice([follower for follower in people if follower.is_live])
        if number % 7 == 3:
            chosen.loses_next = True  # a hole in the middle of a line
        else:
            chosen.cut(SHORTEST_S * (LONGEST_S / SHORTEST_S) ** show.rng.random())
    for follower in people:
        follower.loses_next = False
    await history.stop()
    await all_in(people)
    true_s = await law.true_again(people)
    law.no_moment_twice(people)
    log = await asyncio.to_thread(oracle.read_log, server, show.slug)
    moments = law.no_moment_lost(people, log)
    answers = law.no_answer_lost(people, log)
    counts = {name: sum(f.picture.counts[name] for f in people) for name in people[0].picture.counts}
    assert counts["replays"] > CUTS / 4, f"hardly anything was replayed: {counts}"
    figures.note("r06", cuts=CUTS, changes=len(log), moments=moments, answers=answers, true_s=true_s, **counts)
