"""A room as it stands in one Janus: its name and dummy publisher there, its viewers, the feeds they can be given."""

import asyncio
import contextlib
from collections.abc import Container
from typing import Any

from micconnect.media.base import SCREEN_FACTOR, MediaUnavailable
from micconnect.media.janus.marks import RoomNames
from micconnect.media.janus.messages import NO_SUCH_ROOM, ROOM_EXISTS, JanusError, RoomReply, Stream
from micconnect.media.janus.node import Node
from micconnect.media.janus.slots import Source
from micconnect.media.janus.watcher import Watcher

PUBLISHERS_MAX = 100  # all on air with their screens, and as many lines that are being replaced
LEVEL_PACKETS = 10  # 0.2 s of voice
LEVEL_DBOV = 60
DUMMY_MIDS = {"audio": "0", "video": "1"}


class Caps:
    """What one person may send, in kbit/s by kind of media."""

    def __init__(self, video_kbps: int, audio_kbps: int) -> None:
        self.camera = {"audio": audio_kbps, "video": video_kbps}
        self.screen = {"audio": audio_kbps, "video": int(video_kbps * SCREEN_FACTOR)}


async def sweep(node: Node, names: RoomNames, keep: Container[str] = ()) -> None:
    """End the rooms that were left behind there, all but `keep`."""
    for entry in (await node.order("list", admin_key=names.key)).rooms:
        if entry.room == names.name(entry.description) and entry.description not in keep:
            await Stage(node, names, entry.description).destroy()


class Stage:
    """One room in one Janus. `linked`: the feeds that viewers can be switched to. `is_created`: it is there."""

    def __init__(self, node: Node, names: RoomNames, room_id: str) -> None:
        self.node = node
        self.room_id = room_id
        self.name = names.name(room_id)
        self.secret = names.secret(room_id)
        self.linked: set[str] = set()
        self.watchers: dict[str, Watcher] = {}
        self.is_created = False
        self.creating = asyncio.Lock()
        self.key = names.key
        self._dummy = ""

    async def create(self, caps: Caps) -> None:
        """Have the room there, whether it was before or not."""
        try:
            await self.node.order(
                "create",
                admin_key=self.key,
                room=self.name,
                description=self.room_id,
                secret=self.secret,
                is_private=True,
                publishers=PUBLISHERS_MAX,
                bitrate=1000 * caps.screen["video"],
                bitrate_cap=True,
                audiocodec="opus",
                videocodec="vp8",
                opus_fec=True,
                opus_dtx=True,
                audiolevel_ext=True,
                audiolevel_event=True,
                audio_active_packets=LEVEL_PACKETS,
                audio_level_average=LEVEL_DBOV,
                lock_record=True,
                dummy_publisher=True,
                dummy_streams=[{"codec": "opus"}, {"codec": "vp8"}],
            )
        except JanusError as error:
            if error.code != ROOM_EXISTS:
                raise
        await self.find()

    async def find(self) -> None:
        """Learn what is in the room. Raises JanusError if there is none."""
        self.is_created = False
        self.learn(await self._list())
        self.is_created = True

    def learn(self, reply: RoomReply) -> None:
        """Know what is needed of who is there."""
        self._dummy = next((person.id for person in reply.participants if person.dummy), "")

    async def join(
        self, handle: int, body: dict[str, Any], jsep: tuple[str, str] | None = None
    ) -> tuple[RoomReply, str]:
        """Have a handle join; its reply and SDP. Raises MediaUnavailable, JanusError.

        Should Janus not know the room any more, it is made anew for the next one.
        """
        try:
            return await self.node.message(handle, {**body, "room": self.name}, jsep)
        except JanusError as error:
            if error.code != NO_SUCH_ROOM:
                raise
            self.is_created = False
            raise MediaUnavailable("Janus has lost the room") from error

    async def destroy(self) -> None:
        """End the room there with all who are in it. No error if there is none, or no Janus."""
        self.is_created = False
        with contextlib.suppress(JanusError, MediaUnavailable):
            # Janus 1.1 forgets those that were brought here, with their ports and threads.
            for person in (await self._list()).participants:
                if person.is_remote:
                    with contextlib.suppress(JanusError):
                        await self.remove_remote(person.id)
            await self.node.order("destroy", room=self.name, secret=self.secret)

    async def remove_remote(self, feed: str) -> None:
        """End a feed that was brought here from another server. Raises MediaUnavailable, JanusError."""
        await self.node.order("remove_remote_publisher", room=self.name, secret=self.secret, id=feed)

    async def _list(self) -> RoomReply:
        return await self.node.order("listparticipants", room=self.name, secret=self.secret)

    def forget(self) -> None:
        """Know nothing of what is there."""
        self.is_created = False
        for watcher in self.watchers.values():
            watcher.is_over = True
        self.watchers.clear()
        self.linked.clear()

    def source(self, feed: str, stream: Stream) -> Source:
        """What a viewer is switched to for a stream of a feed that is linked."""
        return feed, stream.mid

    def nobody(self, kind: str) -> Source:
        """What an m-line carries that shows nothing."""
        return self._dummy, DUMMY_MIDS[kind]
