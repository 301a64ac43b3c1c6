"""Several windows of one person publish at the same time: the one opened last has the line, whoever is slower."""

import asyncio

import pytest

from micconnect.media.base import FeedGone, FeedUp, MediaRefused, SeatGrant
from micconnect.media.embedded import EmbeddedBackend
from micconnect.media.sfu import rooms
from micconnect.media.sfu.rooms import NEWEST_MAX, Room
from micconnect.media.tombstones import Tombstones
from tests.media.peers import LightPublisher, LightWatcher, grant, peers

pytestmark = pytest.mark.asyncio(loop_scope="module")

TAKEN = "a newer window has taken over"


async def test_an_older_offer_that_comes_late_is_refused_and_the_newer_line_goes_on(
    forwarder: EmbeddedBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with peers() as open_peers:
        ann = grant("late", "ann")
        watcher = await LightWatcher().watch(forwarder, "late", "bob")
        late = LightPublisher(mark=0x10)
        open_peers += [watcher, late]
        older, newer = next(forwarder._orders), next(forwarder._orders)
        monkeypatch.setattr(forwarder, "_orders", iter([newer, older]))
        open_peers.append(await LightPublisher(mark=0x20).publish(forwarder, ann))
        await watcher.more(1, "audio")
        with pytest.raises(MediaRefused, match=TAKEN):
            await forwarder.open_publish(ann, await late.offer())
        await watcher.more(1, "audio")
        assert {packet.payload[-1] for packet in watcher.got[1, "audio"]} == {0x20}
        assert [feed.grant_id for feed in await forwarder.snapshot("late")] == [ann.grant_id]


class Gated:
    """A line whose negotiation takes until its offer's gate is opened."""

    gates: dict[str, asyncio.Event]
    ended: list[str]

    def __init__(self, seat: SeatGrant, kbps: object, on_media: object, on_tick: object, on_end) -> None:
        self.grant, self.sources, self._on_end, self._offer = seat, {}, on_end, ""

    async def open(self, offer: str) -> str:
        self._offer = offer
        await self.gates[offer].wait()
        return f"answer to {offer}"

    def end(self) -> None:
        self.ended.append(self._offer)
        self._on_end(self)


class Windows:
    """A room with one grant, and two windows that negotiate as fast as the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        Gated.gates = {"older": asyncio.Event(), "newer": asyncio.Event()}
        Gated.ended = []
        monkeypatch.setattr(rooms, "Publisher", Gated)
        self.events: list[FeedUp | FeedGone] = []
        self.room = Room("room", {}, Tombstones(), self.events.append)
        self.seat = grant("room", "ann")
        self.older = asyncio.create_task(self.room.publish(self.seat, "older", 1))
        self.newer = asyncio.create_task(self.room.publish(self.seat, "newer", 2))

    async def finish(self, name: str) -> str:
        Gated.gates[name].set()
        return await (self.older if name == "older" else self.newer)

    @property
    def holder(self) -> str:
        return self.room.on_air[self.seat.grant_id].publisher._offer


async def test_the_older_one_finishes_first_and_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = Windows(monkeypatch)
    assert await windows.finish("older") == "answer to older"
    assert await windows.finish("newer") == "answer to newer"
    assert (windows.holder, Gated.ended, windows.events) == ("newer", ["older"], [])


async def test_the_older_one_finishes_last_and_ends_its_own_line_only(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = Windows(monkeypatch)
    assert await windows.finish("newer") == "answer to newer"
    with pytest.raises(MediaRefused, match=TAKEN):
        await windows.finish("older")
    assert (windows.holder, Gated.ended, windows.events) == ("newer", ["older"], [])


async def test_the_older_one_does_not_come_back_when_the_newer_line_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = Windows(monkeypatch)
    await windows.finish("newer")
    windows.room.on_air[windows.seat.grant_id].publisher.end()
    with pytest.raises(MediaRefused, match=TAKEN):
        await windows.finish("older")
    assert windows.room.on_air == {}
    assert windows.events == [FeedGone("room", windows.seat.grant_id)]


async def test_a_newer_one_that_fails_does_not_keep_the_older_one_out(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = Windows(monkeypatch)
    await asyncio.sleep(0)
    windows.newer.cancel()
    await asyncio.wait({windows.newer})
    assert await windows.finish("older") == "answer to older"
    assert windows.holder == "older"


async def test_a_cut_while_a_window_negotiates_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = Windows(monkeypatch)
    await asyncio.sleep(0)
    windows.room.close()
    for name in ("older", "newer"):
        with pytest.raises(MediaRefused, match="over"):
            await windows.finish(name)
    assert windows.room.on_air == {} and sorted(Gated.ended) == ["newer", "older"]


async def test_what_is_remembered_of_windows_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = Windows(monkeypatch)
    await windows.finish("older")
    await windows.finish("newer")
    for number in range(NEWEST_MAX + 1):
        seat = grant("room", f"user{number}")
        await windows.room.publish(seat, "newer", 3 + number)
        windows.room.cut(seat.grant_id)
    assert len(windows.room._newest) == NEWEST_MAX
