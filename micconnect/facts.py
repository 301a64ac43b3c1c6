"""Repairs what a room believes of the world when a report was lost, say because the database was busy just then.

Sockets, the media server and its feeds report their changes as they happen. Here the facts themselves are compared
with the rooms; a difference that stands in two rounds is reported again. One process holds all sockets, so its hub
knows who has a line.
"""

import contextlib
from typing import TYPE_CHECKING

from micconnect import services
from micconnect.domain.internal import (
    AnyCommand,
    MediaGone,
    MediaServerBack,
    MediaServerLost,
    MediaUp,
    ScreenGone,
    SocketsLost,
    SocketUp,
)
from micconnect.domain.room import Actor, RoomState
from micconnect.media.base import Feed, MediaUnavailable
from micconnect.mediacontrol import grant_id, screen_name
from micconnect.protocol.words import Device, DeviceState

if TYPE_CHECKING:
    from micconnect.running import Runtime

Report = tuple[str, Actor, AnyCommand]


class Facts:
    """Compares once a round; remembers the differences of the round before."""

    def __init__(self, runtime: "Runtime") -> None:
        self.runtime = runtime
        self._seen: set[Report] = set()

    async def check(self) -> None:
        """One round: reports what differs now and did so in the last round."""
        found: set[Report] = set()
        for room in list(self.runtime.live.values.values()):
            found |= {(room.slug, services.CLOCK, command) for command in self._sockets(room)}
            with contextlib.suppress(MediaUnavailable):  # the next round knows
                found |= {(room.slug, services.MEDIA, command) for command in await self._media(room)}
        stubborn = found & self._seen
        self._seen = found - stubborn
        for slug, actor, command in stubborn:
            await self.runtime.perform(slug, actor, command)

    def _sockets(self, room: RoomState) -> list[AnyCommand]:
        believed = {m.person.user_id: m.is_here for m in room.members if m.is_moderator}
        believed |= {r.person.user_id: r.gone_at is None for r in room.requests}
        believed |= {c.person.user_id: c.has_socket for c in room.connections}
        believed[room.host.user_id] = believed.get(room.host.user_id, True) and room.host_away_until is None
        room_hub = self.runtime.hub.rooms.get(room.slug)
        reports: list[AnyCommand] = []
        for user_id, is_believed in believed.items():
            is_here = room_hub is not None and room_hub.has_line(user_id)
            if is_here != is_believed:
                reports.append(SocketUp(user_id=user_id) if is_here else SocketsLost(user_id=user_id))
        return reports

    async def _media(self, room: RoomState) -> list[AnyCommand]:
        backend = self.runtime.media.backend
        if room.has_media_server != backend.is_up:
            return [MediaServerBack() if backend.is_up else MediaServerLost()]
        feeds: dict[str, Feed] = {}
        if backend.is_up:
            feeds = {feed.grant_id: feed for feed in await backend.snapshot(room.slug)}
        reports: list[AnyCommand] = []
        for connection in room.connections:
            feed = feeds.get(grant_id(room, connection.connection_id))
            is_up = feed is not None and feed.is_up
            if is_up != connection.has_media:
                number = connection.number
                reports.append(MediaUp(number=number) if is_up else MediaGone(number=number))
            is_open = room.device_state(connection, Device.SCREEN) is DeviceState.OPEN
            # While the server is away a screen stays open, as the seats do; its page sends it again afterwards.
            if is_open and backend.is_up and grant_id(room, screen_name(connection.screen_number)) not in feeds:
                reports.append(ScreenGone(number=connection.screen_number))
        return reports
