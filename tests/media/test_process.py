"""The forwarder's process: it ends with its parent, comes back when it dies, and is killed when it does not obey."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from micconnect.media import embedded
from micconnect.media.base import BackendDown, BackendUp, MediaRefused, MediaUnavailable
from micconnect.media.child import Child
from micconnect.media.embedded import EmbeddedBackend
from micconnect.protocol.words import Device
from tests.media.peers import LightPublisher, LightWatcher, grant, peers, until

SILENCE_S = 5.0


async def started() -> EmbeddedBackend:
    backend = EmbeddedBackend("127.0.0.1")
    await backend.start()
    return backend


async def test_killed_it_comes_back_empty_with_a_higher_generation_and_serves_again() -> None:
    backend = await started()
    events = backend.events()
    try:
        async with peers() as open_peers:
            cut, ann = grant("kill", "carl", seat=2), grant("kill", "ann")
            await backend.cut("kill", cut.grant_id)
            open_peers.append(await LightPublisher().publish(backend, ann))
            first = await anext(events)
            assert isinstance(first, BackendUp) and first.generation == backend.generation
            assert backend.pid is not None
            os.kill(backend.pid, signal.SIGKILL)
            with pytest.raises(MediaUnavailable):
                await backend.snapshot("kill")
                await backend.snapshot("kill")
            seen = [await anext(events)]
            while not isinstance(seen[-1], BackendUp):
                seen.append(await anext(events))
            assert BackendDown() in seen
            assert seen[-1].generation == backend.generation > first.generation
            assert await backend.snapshot("kill") == ()
            open_peers.append(await LightPublisher().publish(backend, ann))
            watcher = await LightWatcher().watch(backend, "kill", "bob")
            open_peers.append(watcher)
            await watcher.more(1, "audio")
            late = LightPublisher()
            open_peers.append(late)
            with pytest.raises(MediaRefused, match="over"):
                await backend.open_publish(cut, await late.offer())
    finally:
        await backend.stop()


async def test_calls_that_wait_for_a_dying_forwarder_fail_and_a_cut_succeeds() -> None:
    backend = await started()
    try:
        assert backend.pid is not None
        os.kill(backend.pid, signal.SIGSTOP)
        muting = asyncio.create_task(backend.set_muted("room", "g", Device.CAMERA, True))
        cutting = asyncio.create_task(backend.cut("room", "g"))
        await asyncio.sleep(0.1)
        assert not muting.done() and not cutting.done()
        os.kill(backend.pid, signal.SIGKILL)
        with pytest.raises(MediaUnavailable):
            await muting
        await cutting
    finally:
        await backend.stop()


async def test_a_forwarder_that_does_not_obey_a_cut_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "URGENT_S", 0.3)
    backend = await started()
    try:
        stuck = backend.pid
        assert stuck is not None
        os.kill(stuck, signal.SIGSTOP)
        await backend.cut("room", "g")
        await until(lambda: backend.is_up and backend.pid != stuck, "a new forwarder")
        with pytest.raises(ProcessLookupError):
            os.kill(stuck, 0)
    finally:
        await backend.stop()


async def test_calls_that_time_out_kill_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "CALL_S", 0.2)
    monkeypatch.setattr(embedded, "URGENT_S", 0.2)
    backend = await started()
    try:
        pid, generation = backend.pid, backend.generation
        assert pid is not None
        publisher = LightPublisher()
        async with peers() as open_peers:
            open_peers.append(publisher)
            ann, offer = grant("slow", "ann"), await publisher.offer()
            os.kill(pid, signal.SIGSTOP)
            for call in (
                backend.open_watch("slow", "bob", 1, is_staff=False),
                backend.open_publish(ann, offer),
                backend.set_muted("slow", ann.grant_id, Device.CAMERA, True),
                backend.set_backstage("slow", ann.grant_id, True),
                backend.place("slow", {ann.grant_id: 2}),
                backend.snapshot("slow"),
                backend.measure("slow"),
            ):
                with pytest.raises(MediaUnavailable, match="busy"):
                    await call
            os.kill(pid, signal.SIGCONT)
            monkeypatch.setattr(embedded, "CALL_S", 20.0)
            # The replies that come late meet nobody and harm nobody.
            watcher = await LightWatcher().watch(backend, "slow", "bob")
            open_peers += [watcher, await LightPublisher().publish(backend, ann)]
            await watcher.more(1, "audio")
        assert (backend.pid, backend.generation) == (pid, generation)
    finally:
        await backend.stop()


async def test_a_forwarder_that_does_not_answer_pings_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "PING_EVERY_S", 0.1)
    monkeypatch.setattr(embedded, "PING_S", 0.5)
    backend = await started()
    try:
        stuck = backend.pid
        assert stuck is not None
        os.kill(stuck, signal.SIGSTOP)
        watching = asyncio.create_task(backend.open_watch("room", "bob", 1, is_staff=False))
        await until(lambda: backend.is_up and backend.pid != stuck, "a new forwarder")
        with pytest.raises(MediaUnavailable):
            await watching
        with pytest.raises(ProcessLookupError):
            os.kill(stuck, 0)
    finally:
        await backend.stop()


@pytest.mark.parametrize("steps", range(6))
async def test_a_stop_that_meets_the_end_of_the_process_is_heard(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    child = await Child.start(["--address", "127.0.0.1"])
    child.kill()
    await child.reap()
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def wait() -> int:
        return await ended

    monkeypatch.setattr(child._process, "wait", wait)
    reaping = asyncio.create_task(child.reap())
    await asyncio.sleep(0.01)
    ended.set_result(0)
    for _ in range(steps):
        await asyncio.sleep(0)
    was_done = reaping.done()
    reaping.cancel()
    await asyncio.wait({reaping})
    assert was_done or reaping.cancelled()


async def test_it_ends_when_its_input_closes_as_when_the_parent_is_killed() -> None:
    child = await Child.start(["--address", "127.0.0.1"])
    try:
        assert b"Ready" in await child.read()
    finally:
        child.close_input()
    assert await child.read() == b""
    await child.reap()
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)


KEEPER = """
import asyncio
from micconnect.media import embedded
embedded.PING_EVERY_S, embedded.PATIENCE_S = 0.3, 2.0
async def main():
    backend = embedded.EmbeddedBackend("127.0.0.1")
    await backend.start()
    async for event in backend.events():
        if isinstance(event, embedded.BackendUp):
            print(backend.pid, flush=True)
asyncio.run(main())
"""


@asynccontextmanager
async def keeper() -> AsyncIterator[tuple[asyncio.subprocess.Process, asyncio.StreamReader]]:
    """A process that keeps a forwarder and prints the id of each one; the forwarder gives up after 2 s of silence."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", KEEPER, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield process, process.stdout
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_it_ends_when_its_parent_is_killed() -> None:
    async with keeper() as (parent, out):
        pid = int(await out.readline())
        os.kill(pid, 0)
        parent.kill()
        await until(lambda: not is_alive(pid), "the forwarder to follow its parent")


async def test_it_ends_when_its_parent_was_stopped_and_a_new_one_is_there_when_that_goes_on() -> None:
    async with keeper() as (parent, out):
        pid = int(await out.readline())
        parent.send_signal(signal.SIGSTOP)
        await until(lambda: not is_alive(pid), "the forwarder to notice that nobody speaks any more")
        parent.send_signal(signal.SIGCONT)
        after = int(await out.readline())
        assert after != pid and is_alive(after)


async def test_it_goes_on_after_both_were_stopped_for_longer_than_it_waits() -> None:
    async with keeper() as (parent, out):
        pid = int(await out.readline())
        parent.send_signal(signal.SIGSTOP)
        os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(4)
        os.kill(pid, signal.SIGCONT)
        parent.send_signal(signal.SIGCONT)
        heard = asyncio.create_task(out.readline())
        await asyncio.sleep(3)  # longer than the forwarder waits for the next word
        assert is_alive(pid) and not heard.done()
        parent.kill()
        await heard


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be collected does not."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_ctrl_c_does_not_end_it() -> None:
    backend = await started()
    try:
        pid = backend.pid
        assert pid is not None
        os.kill(pid, signal.SIGINT)
        assert await backend.snapshot("room") == ()
        assert backend.pid == pid
    finally:
        await backend.stop()


async def test_stopped_it_ends_its_events_and_refuses_calls() -> None:
    backend = await started()
    events = backend.events()
    pid = backend.pid
    assert pid is not None
    await backend.stop()
    await backend.stop()
    assert [event async for event in events][-1] == BackendDown()
    assert not backend.is_up and backend.pid is None and not is_alive(pid)
    with pytest.raises(MediaUnavailable):
        await backend.snapshot("room")
    await backend.cut("room", "g")
    await backend.close_watch("w")
    await backend.close_room("room")


async def test_an_address_that_is_not_this_machines_is_told_and_nothing_comes_up(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(embedded, "START_S", 0.1)
    told: list[str] = []

    def is_told() -> bool:
        told.append(capfd.readouterr().err)
        return "cannot be served on the address 192.0.2.1" in "".join(told)

    backend = EmbeddedBackend("192.0.2.1")
    await backend.start()
    try:
        await until(is_told, "the line that says so")
        assert not backend.is_up
    finally:
        await backend.stop()


async def test_calls_work_from_another_thread_and_loop() -> None:
    backend = await started()
    try:
        assert await asyncio.to_thread(lambda: asyncio.run(backend.snapshot("room"))) == ()
    finally:
        await backend.stop()
