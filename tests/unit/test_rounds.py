"""Steps of the clock: neither a slow nor a broken one holds up the others."""

import asyncio

from django.db import OperationalError

from micconnect.rounds import Rounds


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_slow_step_is_begun_once_and_the_others_go_on() -> None:
    begun: list[str] = []
    gate = asyncio.Event()

    async def slow() -> None:
        begun.append("slow")
        await gate.wait()

    async def quick() -> None:
        begun.append("quick")

    rounds = Rounds()
    for _ in range(3):
        rounds.begin(slow, quick)
        await settle()
    assert begun == ["slow", "quick", "quick", "quick"]
    gate.set()
    await settle()
    rounds.begin(slow)
    await settle()
    assert begun.count("slow") == 2
    await rounds.stop()


async def test_a_broken_step_is_begun_again(caplog: object) -> None:
    begun: list[type[Exception]] = []
    for error in (RuntimeError, OperationalError):

        async def broken(error: type[Exception] = error) -> None:
            begun.append(error)
            raise error("broken")

        rounds = Rounds()
        for _ in range(2):
            rounds.begin(broken)
            await settle()
    assert begun == [RuntimeError, RuntimeError, OperationalError, OperationalError]


async def test_a_stop_ends_what_runs() -> None:
    ended: list[bool] = []

    async def slow() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    rounds = Rounds()
    rounds.begin(slow)
    await settle()
    await rounds.stop()
    assert ended == [True]
