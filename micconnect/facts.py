"""Repairs what a room believes of the world when a report was lost, say because the database was busy just then.

Sockets, the media server and its feeds report their changes as they happen. Here the facts themselves are compared
with the rooms; a difference that stands in two rounds is reported again. The keeper does it: who has a line here its
hub knows, and who has one at another process it is told.
"""

import contextlib
import logging
from collections.abc import Container
from typing import TYPE_CHECKING

from micconnect import services
from micconnect.domain.internal import (
    AnyCommand,
    MediaGone,
    MediaServerBack,
    MediaServerLost,
    MediaStalled,
    MediaUp,
    ScreenGone,
    ScreenStalled,
    SocketsLost,
    SocketUp,
)
from micconnect.domain.lines import OWN
from micconnect.domain.room import Actor, RoomState
from micconnect.domain.transitions import feed_of, stall
from micconnect.media.base import Feed, MediaUnavailable
from micconnect.mediagrants import feed_name, grant_id, screen_name
from micconnect.protocol.words import Device, DeviceState, Role

if TYPE_CHECKING:
    from micconnect.keeper import Keeper

logger = logging.getLogger(__name__)

Line = tuple[str, str, str]  # slug, user_id, role: an open socket at another process
Report = tuple[str, Actor, AnyCommand]


def beliefs(room: RoomState) -> dict[str, bool]:
    """Whom the room needs to have a line, by user id, and whether it believes so."""
    believed = {m.person.user_id: m.is_here for m in room.members if m.is_moderator}
    believed |= {r.person.user_id: r.gone_at is None for r in room.requests}
    believed |= {c.person.user_id: c.has_socket for c in room.connections}
    believed[room.host.user_id] = believed.get(room.host.user_id, True) and room.host_away_since is None
    return believed


class Facts:
    """Compares once a round; remembers the differences of the round before."""

    def __init__(self, keeper: "Keeper") -> None:
        self.keeper = keeper
        self._seen: set[Report] = set()

    async def check(self, elsewhere: Container[Line] = ()) -> None:
        """One round: reports what differs now and did so in the last round."""
        found: set[Report] = set()
        for room in list(self.keeper.live.values.values()):
            found |= {(room.slug, services.CLOCK, command) for command in self._sockets(room, elsewhere)}
            with contextlib.suppress(MediaUnavailable):  # the next round knows
                found |= {(room.slug, services.MEDIA, command) for command in await self._media(room)}
        stubborn = found & self._seen
        self._seen = found - stubborn
        for report in stubborn:
            await self._report(report)

    async def report_media(self) -> None:
        """Reports at once what differs between the rooms and a media server that went on without us."""
        for room in list(self.keeper.live.values.values()):
            with contextlib.suppress(MediaUnavailable):
                for command in await self._media(room):
                    await self._report((room.slug, services.MEDIA, command))
                    if isinstance(command, MediaServerBack):  # it has forgotten whose media are there
                        for news in await self._media(self.keeper.live.values.get(room.slug, room)):
                            await self._report((room.slug, services.MEDIA, news))

    async def report_lost(self, people: Container[tuple[str, str]], elsewhere: Container[Line]) -> None:
        """Reports at once those of the people (slug, user_id) who have no line any more: their process has died."""
        for room in list(self.keeper.live.values.values()):
            for report in self._sockets(room, elsewhere):
                if isinstance(report, SocketsLost) and (room.slug, report.user_id) in people:
                    await self._report((room.slug, services.CLOCK, report))

    async def _report(self, report: Report) -> None:
        """A room that takes no report keeps none from the others."""
        slug, actor, command = report
        try:
            await self.keeper.perform(slug, actor, command)
        except Exception:
            logger.exception("room %s could not take %s", slug, type(command).__name__)

    def _sockets(self, room: RoomState, elsewhere: Container[Line]) -> list[AnyCommand]:
        room_hub = self.keeper.hub.rooms.get(room.slug)
        reports: list[AnyCommand] = []
        for user_id, is_believed in beliefs(room).items():
            roles = [Role.HOST] if user_id == room.host.user_id else list(Role)
            is_here = (room_hub is not None and room_hub.has_line(user_id)) or any(
                (room.slug, user_id, role) in elsewhere for role in roles
            )
            if is_here != is_believed:
                reports.append(SocketUp(user_id=user_id) if is_here else SocketsLost(user_id=user_id))
        return reports

    async def _media(self, room: RoomState) -> list[AnyCommand]:
        backend = self.keeper.media.backend
        if room.has_media_server != backend.is_up:
            return [MediaServerBack() if backend.is_up else MediaServerLost()]
        feeds: dict[str, Feed] = {}
        if backend.is_up:
            feeds = {feed.grant_id: feed for feed in await backend.snapshot(room.slug)}
        reports: list[AnyCommand] = []
        for connection in room.connections:
            feed = feeds.get(grant_id(room, feed_name(connection)))
            is_up = feed is not None and feed.is_up
            if is_up != connection.has_media:
                number = feed_of(connection)
                reports.append(MediaUp(number=number) if is_up else MediaGone(number=number))
            elif feed is not None and stall(connection, feed.stalled, OWN) != connection:
                reports.append(MediaStalled(number=feed_of(connection), devices=feed.stalled))
            # While the server is away a screen stays open, as the seats do; its page sends it again afterwards.
            if backend.is_up and room.device_state(connection, Device.SCREEN) is DeviceState.OPEN:
                number = connection.screen_number
                feed, was_stalled = feeds.get(grant_id(room, screen_name(number))), Device.SCREEN in connection.stalled
                if feed is None:
                    reports.append(ScreenGone(number=number))
                elif bool(feed.stalled) != was_stalled:
                    reports.append(ScreenStalled(number=number, is_stalled=not was_stalled))
        return reports
