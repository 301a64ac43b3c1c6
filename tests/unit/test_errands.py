"""Work that nobody waits for is neither forgotten nor silent when it fails."""

import asyncio

import pytest

from micconnect.errands import Errands


async def test_a_failure_is_logged_and_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []

    async def work(name: str) -> None:
        if name == "broken":
            raise RuntimeError("the cause")
        done.append(name)

    errands = Errands("an errand failed")
    for name in ("one", "broken", "two"):
        errands.begin(work(name))
    await asyncio.wait(errands.running)
    await asyncio.sleep(0)
    assert done == ["one", "two"] and errands.running == []
    assert "an errand failed" in caplog.text and "the cause" in caplog.text


async def test_what_runs_is_ended_and_waited_for_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    ended: list[bool] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    errands = Errands("an errand failed")
    errands.begin(work())
    await asyncio.sleep(0)
    await errands.stop()
    await errands.stop()
    assert ended == [True] and errands.running == [] and not caplog.records


async def test_what_has_not_begun_begins_and_ends_so_nothing_is_left_unawaited() -> None:
    seen: list[str] = []

    async def within() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            seen.append("ended")

    async def work() -> None:
        seen.append("begun")
        await within()

    errands = Errands("an errand failed")
    errands.begin(work())
    await errands.stop()
    assert seen == ["begun", "ended"] and errands.running == []
