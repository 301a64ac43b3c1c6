"""What one socket asks about sound and picture: offers and answers, relays, and how lines are."""

import asyncio
from typing import assert_never

from django.utils import timezone

from micconnect import relays, throttle
from micconnect.domain.outcome import Refused
from micconnect.domain.room import Actor, RoomState
from micconnect.mediarelay import MediaRelay
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.queries import Answer, GetIceServers, GetMediaHealth, Publish, ReportLine, Watch
from micconnect.protocol.views import Result
from micconnect.roomhub import RoomHub

# a page on air reports its line each five seconds, one of the staff looks at all lines each three, in a few windows
line_queries = throttle.KeyedBuckets(rate=3, burst=10)


class MediaQueries:
    """The questions of one socket in one room. All raise Refused."""

    def __init__(self, media: MediaRelay) -> None:
        self._media = media
        self._watch_id: str | None = None
        self._turn = asyncio.Lock()

    async def negotiate(self, hub: RoomHub, actor: Actor, message: Publish | Watch | Answer) -> Result:
        """An SDP to or fro; one after the other, because each may replace what the former one made."""
        _throttle(throttle.media_queries, f"{hub.slug} {actor.user_id}")
        async with self._turn:
            room = _newest(hub)
            match message:
                case Publish():
                    return Result(sdp=await self._media.publish(room, actor, message.sdp, is_screen=message.is_screen))
                case Watch():
                    return await self._watch(room, actor, has_pictures=message.has_pictures)
                case Answer():
                    if message.watch_id != self._watch_id:
                        raise Refused(ErrorCode.BAD_SDP, {"part": "this watch was replaced by a newer one"})
                    await self._media.answer(message.watch_id, message.sdp)
                    return Result()
                case _:
                    assert_never(message)

    async def _watch(self, room: RoomState, actor: Actor, *, has_pictures: bool) -> Result:
        offer = await self._media.watch(room, actor, self._watch_id, has_pictures=has_pictures)
        self._watch_id = offer.watch_id
        return Result(sdp=offer.sdp, watch_id=offer.watch_id, slots=offer.slots, pictures=offer.pictures)

    def leave(self, hub: RoomHub, actor: Actor) -> None:
        """The person leaves by this socket: nothing of its media goes on."""
        self._media.leave(hub.slug, actor.user_id, self._watch_id)
        self._watch_id = None

    async def look(self, hub: RoomHub, actor: Actor, message: GetIceServers | GetMediaHealth | ReportLine) -> Result:
        """Small questions: they wait for no offer, and no offer for them."""
        if isinstance(message, GetIceServers):
            _throttle(relays.questions, actor.user_id)
            return Result(ice_servers=relays.ice_servers(actor.user_id, timezone.now()))
        _throttle(line_queries, f"{hub.slug} {actor.user_id}")
        if isinstance(message, GetMediaHealth):
            return Result(health=await self._media.health(_newest(hub), actor))
        await self._media.report_line(_newest(hub), actor, message.rtt_ms)
        return Result()


def _throttle(buckets: throttle.KeyedBuckets, key: str) -> None:
    if not buckets.take(key):
        raise Refused(ErrorCode.TOO_FAST)


def _newest(hub: RoomHub) -> RoomState:
    if hub.room is None:
        raise Refused(ErrorCode.HELLO_FIRST)
    return hub.room
