"""Carries what people ask of the media server to the keeper, which owns it, and the answers back."""

import asyncio
import itertools
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress

from msgspec.structs import replace

from micconnect import bus, store
from micconnect import busmessages as m
from micconnect.domain.outcome import Refused
from micconnect.domain.room import Actor, RoomState
from micconnect.media.base import MediaUnavailable, NodeFigures, WatchOffer
from micconnect.mediacontrol import MediaControl
from micconnect.outages import AWAY, log
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.queries import Answer, GetMediaHealth, MediaQuery, Publish, ReportLine, Watch
from micconnect.protocol.views import SeatHealth
from micconnect.protocol.words import Quality

logger = logging.getLogger(__name__)

ANSWER_S = 5.0


class MediaRelay:
    """One process's way to the media server. `control` gives the own one while this process is the keeper."""

    def __init__(self, line: bus.Bus | None, control: Callable[[], MediaControl | None]) -> None:
        self._bus, self._control = line, control
        self._refs = itertools.count(1)
        self._asked: dict[int, asyncio.Future[m.MediaAnswered]] = {}

    async def publish(self, room: RoomState, actor: Actor, sdp: str, *, is_screen: bool = False) -> str:
        """The answer to a browser's offer for the person's own seat, or for the own shared screen. Raises Refused."""
        if control := self._control():
            return await control.publish(room, actor, sdp, is_screen=is_screen)
        return (await self._ask(Publish(sdp=sdp, is_screen=is_screen), m.Asker(room.slug, room.seq, actor))).sdp

    async def watch(
        self, room: RoomState, actor: Actor, former: str | None, *, has_pictures: bool = True
    ) -> WatchOffer:
        """An offer with what the room shows to somebody, in place of `former`. Raises Refused."""
        if control := self._control():
            return await control.watch(room, actor, former, has_pictures=has_pictures)
        answer = await self._ask(Watch(has_pictures=has_pictures), m.Asker(room.slug, room.seq, actor, former))
        return WatchOffer(watch_id=answer.watch_id, sdp=answer.sdp, slots=answer.slots, pictures=answer.pictures)

    async def answer(self, watch_id: str, sdp: str) -> None:
        """The browser's answer to a watch offer. Raises Refused."""
        if control := self._control():
            await control.answer(watch_id, sdp)
        else:
            await self._ask(Answer(watch_id=watch_id, sdp=sdp))

    def leave(self, slug: str, user_id: str, watch_id: str | None) -> None:
        """Somebody left by the window with this watch. Should the bus lose it, it ends as after a lost socket."""
        if control := self._control():
            control.leave(slug, user_id, watch_id)
        elif self._bus:
            left = m.Left(origin=self._bus.process_id, slug=slug, user_id=user_id, watch_id=watch_id)
            self._bus.say(bus.KEEPER, left)

    async def health(self, room: RoomState, actor: Actor) -> tuple[SeatHealth, ...]:
        """How the media of everybody on air arrive, for the staff. Raises Refused."""
        if control := self._control():
            return await control.health(room, actor)
        return (await self._ask(GetMediaHealth(), m.Asker(room.slug, room.seq, actor))).health

    async def report_line(self, room: RoomState, actor: Actor, rtt_ms: int) -> None:
        """What the page of somebody on air says of the way to the media server and back. Raises Refused."""
        if control := self._control():
            control.report_line(room, actor, rtt_ms)
        else:
            await self._ask(ReportLine(rtt_ms=rtt_ms), m.Asker(room.slug, room.seq, actor))

    async def figures(self) -> m.MediaFigures:
        """The media server in figures. Raises Refused."""
        if control := self._control():
            return await _figures(control)
        answer = await self._ask(m.GetFigures())
        return answer.figures or m.MediaFigures(nodes=(), qualities={})

    async def _ask(self, query: MediaQuery | m.GetFigures, asker: m.Asker | None = None) -> m.MediaAnswered:
        if self._bus is None:  # this process is about to be the keeper
            raise Refused(ErrorCode.MEDIA_UNAVAILABLE)
        ref = next(self._refs)
        asked = m.MediaAsked(origin=self._bus.process_id, ref=ref, query=query, asker=asker)
        waiting: asyncio.Future[m.MediaAnswered] = asyncio.get_running_loop().create_future()
        self._asked[ref] = waiting
        try:
            if not self._bus.say(bus.KEEPER, asked):
                raise Refused(ErrorCode.MEDIA_UNAVAILABLE)
            async with asyncio.timeout(ANSWER_S):
                answer = await waiting
        except TimeoutError:
            raise Refused(ErrorCode.MEDIA_UNAVAILABLE) from None
        finally:
            del self._asked[ref]
        if answer.refusal is not None:
            raise Refused(answer.refusal, dict(answer.details))
        return answer

    def heard(self, answer: m.MediaAnswered) -> None:
        """The keeper has answered, perhaps too late."""
        waiting = self._asked.get(answer.ref)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)


ReadRoom = Callable[[m.Asker], Awaitable[RoomState]]


async def answer(control: MediaControl, read_room: ReadRoom, asked: m.MediaAsked, process_id: str) -> m.MediaAnswered:
    """What the keeper says to another process. `read_room` gives the room as new as the asker knows it, or newer."""
    empty = m.MediaAnswered(origin=process_id, ref=asked.ref)
    try:
        return await _answer(control, read_room, asked, empty)
    except Refused as refused:
        return replace(empty, refusal=refused.code, details={**refused.details})
    except store.NoRoom:
        return replace(empty, refusal=ErrorCode.NO_ROOM)
    except AWAY as error:
        log.tell("so a question to the media server was not asked", error)
        return replace(empty, refusal=ErrorCode.TRY_LATER)
    except Exception:
        logger.exception("a question of another process to the media server failed")
        return replace(empty, refusal=ErrorCode.INTERNAL)


async def _answer(
    control: MediaControl, read_room: ReadRoom, asked: m.MediaAsked, empty: m.MediaAnswered
) -> m.MediaAnswered:
    match asked.query, asked.asker:
        case Publish(sdp=sdp, is_screen=is_screen), m.Asker() as asker:
            room = await read_room(asker)
            return replace(empty, sdp=await control.publish(room, asker.actor, sdp, is_screen=is_screen))
        case Watch(has_pictures=has_pictures), m.Asker() as asker:
            room = await read_room(asker)
            offer = await control.watch(room, asker.actor, asker.former, has_pictures=has_pictures)
            return replace(empty, sdp=offer.sdp, watch_id=offer.watch_id, slots=offer.slots, pictures=offer.pictures)
        case Answer(watch_id=watch_id, sdp=sdp), _:
            await control.answer(watch_id, sdp)
            return empty
        case GetMediaHealth(), m.Asker() as asker:
            return replace(empty, health=await control.health(await read_room(asker), asker.actor))
        case ReportLine(rtt_ms=rtt_ms), m.Asker() as asker:
            control.report_line(await read_room(asker), asker.actor, rtt_ms)
            return empty
        case m.GetFigures(), _:
            return replace(empty, figures=await _figures(control))
    raise Refused(ErrorCode.MEDIA_UNAVAILABLE)


async def _figures(control: MediaControl) -> m.MediaFigures:
    """What the keeper knows of its media server, in figures. What is away has none."""
    nodes: tuple[NodeFigures, ...] = ()
    qualities: Counter[Quality] = Counter()
    with suppress(MediaUnavailable):
        nodes = await control.backend.figures()
    for room in list(control.keeper.live.values.values()):
        with suppress(MediaUnavailable):
            seats = await control.sampler.health(room)
            qualities.update(seat.quality for seat in seats if not seat.is_screen)
    return m.MediaFigures(nodes=nodes, qualities=dict(qualities))
