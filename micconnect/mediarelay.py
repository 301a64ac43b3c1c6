"""Carries what people ask of the media server to the keeper, which owns it, and the answers back."""

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable

from micconnect import bus, store
from micconnect import busmessages as m
from micconnect.domain.outcome import Refused
from micconnect.domain.room import Actor, RoomState
from micconnect.media.base import WatchOffer
from micconnect.mediacontrol import MediaControl
from micconnect.outages import AWAY, log
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.queries import Answer, MediaQuery, Publish, Watch

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

    async def watch(self, room: RoomState, actor: Actor, former: str | None) -> WatchOffer:
        """An offer with one slot per seat and one for the shared screen, in place of `former`. Raises Refused."""
        if control := self._control():
            return await control.watch(room, actor, former)
        answer = await self._ask(Watch(), m.Asker(room.slug, room.seq, actor, former))
        return WatchOffer(watch_id=answer.watch_id, sdp=answer.sdp, slots=answer.slots)

    async def answer(self, watch_id: str, sdp: str) -> None:
        """The browser's answer to a watch offer. Raises Refused."""
        if control := self._control():
            await control.answer(watch_id, sdp)
        else:
            await self._ask(Answer(watch_id=watch_id, sdp=sdp))

    async def _ask(self, query: MediaQuery, asker: m.Asker | None = None) -> m.MediaAnswered:
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
    try:
        offer = await _answer(control, read_room, asked)
    except Refused as refused:
        return m.MediaAnswered(origin=process_id, ref=asked.ref, refusal=refused.code, details={**refused.details})
    except store.NoRoom:
        return m.MediaAnswered(origin=process_id, ref=asked.ref, refusal=ErrorCode.NO_ROOM)
    except AWAY as error:
        log.tell("so a question to the media server was not asked", error)
        return m.MediaAnswered(origin=process_id, ref=asked.ref, refusal=ErrorCode.TRY_LATER)
    except Exception:
        logger.exception("a question of another process to the media server failed")
        return m.MediaAnswered(origin=process_id, ref=asked.ref, refusal=ErrorCode.INTERNAL)
    return m.MediaAnswered(origin=process_id, ref=asked.ref, sdp=offer.sdp, watch_id=offer.watch_id, slots=offer.slots)


async def _answer(control: MediaControl, read_room: ReadRoom, asked: m.MediaAsked) -> WatchOffer:
    """For what is no watch only the SDP counts."""
    match asked.query, asked.asker:
        case Publish(sdp=sdp, is_screen=is_screen), m.Asker() as asker:
            sdp = await control.publish(await read_room(asker), asker.actor, sdp, is_screen=is_screen)
            return WatchOffer(watch_id="", sdp=sdp, slots=())
        case Watch(), m.Asker() as asker:
            return await control.watch(await read_room(asker), asker.actor, asker.former)
        case Answer(watch_id=watch_id, sdp=sdp), _:
            await control.answer(watch_id, sdp)
            return WatchOffer(watch_id="", sdp="", slots=())
    raise Refused(ErrorCode.MEDIA_UNAVAILABLE)
