"""One process's end of the bus with a Redis that the test plays: too much at once, silence, and strange words."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from channels_redis.serializers import registry  # type: ignore[import-untyped]
from django.db import OperationalError

from micconnect import bus, mediarelay, store
from micconnect import busmessages as m
from micconnect.domain.outcome import Refused
from micconnect.domain.room import RoomState
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.queries import Publish, Watch
from micconnect.protocol.views import MediaInfo
from tests.live import wait_until
from tests.media.control import ANN, live_room
from tests.media.control import World as Media

MEDIA = MediaInfo(family="sdp", generation=1, is_up=True)


class Layer:
    """Carries what is said back to the one who listens, as bytes that only those with the key can make."""

    def __init__(self) -> None:
        self.sent: list[m.AnyMessage] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.is_deaf = False
        self.flushed = 0
        self.serializer = registry.get_serializer("msgpack", symmetric_encryption_keys=["key"])
        self.queue: asyncio.Queue[bytes] = asyncio.Queue()

    def bring(self, message: m.AnyMessage, key: str = "key") -> None:
        said = registry.get_serializer("msgpack", symmetric_encryption_keys=[key])
        self.queue.put_nowait(said.serialize({"data": m.encode(message)}))

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        await self.gate.wait()
        self.sent.append(m.decode(message["data"]))
        if not self.is_deaf:
            self.queue.put_nowait(self.serializer.serialize(message))

    async def group_add(self, group: str, channel: str) -> None: ...

    async def receive(self, channel: str) -> Any:
        return self.serializer.deserialize(await self.queue.get())

    async def flush(self) -> None:
        self.flushed += 1
        self.is_deaf = False


class World:
    """A bus, what it heard, and the layer beneath it."""

    def __init__(self) -> None:
        self.heard: list[m.AnyMessage] = []
        self.bus = bus.Bus("here.1.0", self.heard.append)
        self.layer: Layer = self.bus._layer

    async def until_heard(self, message: m.AnyMessage) -> None:
        await asyncio.to_thread(wait_until, lambda: message in self.heard, "a message")


@pytest_asyncio.fixture
async def world(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr(bus, "get_channel_layer", Layer)
    one = World()
    one.bus.start()
    yield one
    await one.bus.stop()


def asked(number: int) -> m.MediaAsked:
    return m.MediaAsked(origin="here.1.0", ref=number, query=Watch())


async def test_when_too_much_is_said_only_what_passes_is_refused(world: World) -> None:
    change, taken = (m.Grown(origin="here.1.0", slug=slug) for slug in ("first", "last"))
    assert world.bus.say("room", change)
    answers = [world.bus.say(bus.KEEPER, asked(number)) for number in range(1500)]
    assert world.bus.say("room", taken)
    accepted = answers.count(True)
    assert answers == [True] * accepted + [False] * (1500 - accepted) and 0 < accepted < 1500
    await asyncio.to_thread(wait_until, lambda: taken in world.layer.sent, "the last word")
    assert change in world.layer.sent and world.layer.sent.count(asked(accepted - 1)) == 1


async def test_a_question_that_cannot_be_asked_is_refused_at_once(world: World) -> None:
    world.layer.gate.clear()
    while world.bus.say(bus.KEEPER, asked(0)):
        pass
    relay = mediarelay.MediaRelay(world.bus, lambda: None)
    with pytest.raises(Refused) as refused:
        await relay.watch(live_room(), ANN, None)
    assert refused.value.code is ErrorCode.MEDIA_UNAVAILABLE and not relay._asked
    world.layer.gate.set()


async def test_a_bus_that_hears_not_even_itself_is_joined_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.layer.is_deaf = True
    monkeypatch.setattr(bus, "ECHO_S", 0.01)
    monkeypatch.setattr(bus, "DEAF_S", 0.05)
    await asyncio.to_thread(wait_until, lambda: world.layer.flushed > 0, "a new beginning")
    said = m.MediaSaid(origin="there.1.0", media=MEDIA)
    world.layer.bring(said)
    await world.until_heard(said)


async def test_a_bus_that_hears_itself_is_left_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus, "ECHO_S", 0.01)
    echoes = m.Echo(origin="here.1.0")
    await asyncio.to_thread(wait_until, lambda: world.layer.sent.count(echoes) > 3, "echoes")
    assert world.layer.flushed == 0 and world.heard == []


async def test_who_does_not_know_the_secret_key_is_not_heard(world: World) -> None:
    forged = m.MediaSaid(origin="there.1.0", media=MEDIA)
    said = m.Grown(origin="there.1.0", slug="room")
    world.layer.bring(forged, key="another key")
    world.layer.bring(said)
    await world.until_heard(said)
    assert world.heard == [said]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (store.NoRoom("show"), ErrorCode.NO_ROOM),
        (OperationalError("away"), ErrorCode.TRY_LATER),
        (AssertionError("broken"), ErrorCode.INTERNAL),
        (Refused(ErrorCode.NOT_ON_SEAT), ErrorCode.NOT_ON_SEAT),
    ],
)
async def test_the_keeper_answers_whatever_goes_wrong(error: Exception, code: ErrorCode) -> None:
    async def read_room(asker: m.Asker) -> RoomState:
        raise error

    question = m.MediaAsked(origin="there.1.0", ref=7, query=Publish(sdp=""), asker=m.Asker("show", 1, ANN))
    answer = await mediarelay.answer(Media(live_room()).control, read_room, question, "here.1.0")
    assert (answer.ref, answer.refusal) == (7, code)
