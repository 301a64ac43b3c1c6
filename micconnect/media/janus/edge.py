"""A room on a further server: it carries viewers only, and gets the feeds they watch from the server of the stage."""

import asyncio
import contextlib
import ipaddress
import logging
import random
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any
from urllib.parse import urlsplit

from micconnect.media.base import MediaUnavailable
from micconnect.media.janus.line import Line
from micconnect.media.janus.marks import RoomNames
from micconnect.media.janus.messages import JanusError, RoomReply, Stream
from micconnect.media.janus.node import Node
from micconnect.media.janus.slots import Source
from micconnect.media.janus.stage import Stage

logger = logging.getLogger(__name__)

# A server takes packets of another one by their SSRC, and that tells the m-line of the feed there and nothing else:
# base + step * m-line (janus_videoroom.c, REMOTE_PUBLISHER_*). So feeds that stand on the same m-lines come under the
# same SSRC, and a viewer who is switched from one to the other gets packets numbered without regard to those before,
# which its browser throws away. Hence each feed has a pair of m-lines of its own, behind as many empty ones.
SSRC_BASE, SSRC_STEP = 1000, 10
PAIRS = 100
KINDS = {"audio": "opus", "video": "vp8"}


def _m_line(pair: int, kind: str) -> int:
    return 2 * pair + list(KINDS).index(kind)


def _ssrc(pair: int, kind: str) -> int:
    return SSRC_BASE + SSRC_STEP * _m_line(pair, kind)


def _streams(pair: int, line: Line) -> list[dict[str, Any]]:
    """The m-lines of a feed on a further server. Janus counts them itself, but wants to be told."""
    empty = [("audio", True)] * _m_line(pair, "audio")
    own = [(kind, kind not in line.streams) for kind in KINDS]
    return [
        {"type": kind, "codec": KINDS[kind], "mindex": index, "mid": str(index), "disabled": is_disabled}
        for index, (kind, is_disabled) in enumerate(empty + own)
    ]


class Edge(Stage):
    """The same room in another Janus. A feed has the same name there, but m-lines of its own.

    What is muted at the origin is not sent here either.
    """

    def __init__(self, node: Node, names: RoomNames, origin: Stage, edges: Mapping[Node, "Edge"]) -> None:
        """`edges`: all of the room."""
        super().__init__(node, names, origin.room_id)
        self._origin = origin
        self._edges = edges
        self._host = urlsplit(node.config.url).hostname or ""
        self._bringing = asyncio.Lock()
        self._pairs: dict[str, int] = {}
        self._half: set[str] = set()
        self._unproven: set[str] = set()
        self._last_pair = random.randrange(PAIRS)  # noqa: S311 - no secret

    def learn(self, reply: RoomReply) -> None:
        """Know the feeds that are there."""
        super().learn(reply)
        self._pairs = {person.id: int(person.display) for person in reply.participants if person.is_remote}
        self.linked |= self._pairs.keys()
        self._unproven = set(self._pairs)
        self._half.clear()

    def source(self, feed: str, stream: Stream) -> Source:
        """What a viewer is switched to for a stream of a feed."""
        return feed, str(_m_line(self._pairs[feed], stream.type))

    def is_due(self, lines: Iterable[Line]) -> bool:
        """Whether `follow` has something to do."""
        wanted = {line.feed for line in lines if line.is_linked}
        return bool(wanted - self.linked or wanted & self._unproven or self._left_over(wanted))

    def _left_over(self, wanted: AbstractSet[str]) -> set[str]:
        """The feeds that may go: those that came by half, and others, but none that a viewer has yet to leave.

        Janus takes an m-line from a feed that ends and gives it to the one it is switched to with no common lock: where
        the two meet, the m-line stays dark.
        """
        carried = {feed for watcher in self.watchers.values() for feed in watcher.carried}
        return self._half | (self._pairs.keys() - wanted - carried)

    async def follow(self, lines: Iterable[Line]) -> bool:
        """Have the feeds of these lines, and no others for long; whether there are others than before.

        What Janus refuses is tried again. Raises MediaUnavailable.
        """
        async with self._bringing:
            before = set(self.linked)
            wanted = {line.feed: line for line in lines if line.is_linked and not line.is_over}
            if self._unproven & wanted.keys():
                await self._prove(wanted)
            for feed in self._left_over(wanted.keys()):
                await self._drop(feed)
            for feed, line in wanted.items():
                try:
                    if feed not in self._pairs:
                        await self._bring(line)
                    self.linked.add(feed)
                except JanusError as error:
                    logger.warning("a feed cannot be had on Janus %s: %s", self.node.name, error)
            return self.linked != before

    async def _prove(self, wanted: Mapping[str, Line]) -> None:
        """Of feeds that were found here: whoever brought them may have died before they were sent."""
        sent: set[tuple[str, int]] = set()
        with contextlib.suppress(JanusError):
            for person in (await self._at_origin("listforwarders")).publishers:
                sent |= {(person.publisher_id, forwarder.ssrc) for forwarder in person.forwarders}
        found = self._unproven & self._pairs.keys() & wanted.keys()
        self._unproven -= wanted.keys()
        for feed in found:
            if not {(feed, _ssrc(self._pairs[feed], kind)) for kind in wanted[feed].streams} <= sent:
                self._half.add(feed)

    async def leave(self) -> None:
        """Give the room on this server up. No error if a server is away."""
        with contextlib.suppress(MediaUnavailable):
            await self.sever()
            await self.destroy()

    async def sever(self) -> None:
        """Have nothing sent here any more. Raises MediaUnavailable if the origin is away."""
        pairs = dict(self._pairs)
        self._pairs.clear()
        self._half.clear()
        await self._stop_sending(pairs)

    async def _bring(self, line: Line) -> None:
        """Open a port for the feed here, and have it sent there."""
        pair = self._pairs[line.feed] = self._free_pair()
        self._half.add(line.feed)
        here = await self.node.order(
            "add_remote_publisher",
            room=self.name,
            secret=self.secret,
            id=line.feed,
            display=str(pair),
            streams=_streams(pair, line),
            **self._own_address(),
        )
        # The host stands in each stream because Janus looks names up for those only. RTCP carries the wish for a whole
        # picture back.
        ports: dict[str, dict[str, Any]] = {"audio": {}, "video": {"rtcp_port": here.rtcp_port}}
        streams = [
            {"mid": stream.mid, "host": self._host, "port": here.port, "ssrc": _ssrc(pair, kind), **ports[kind]}
            for kind, stream in line.streams.items()
        ]
        await self._at_origin("rtp_forward", publisher_id=line.feed, host=self._host, streams=streams)
        self._half.discard(line.feed)

    def _free_pair(self) -> int:
        """The pair of m-lines that has been free for the longest: no viewer should still count on it."""
        used = {pair for edge in self._edges.values() for pair in edge._pairs.values()}
        for step in range(1, PAIRS + 1):
            if (pair := (self._last_pair + step) % PAIRS) not in used:
                self._last_pair = pair
                return pair
        raise MediaUnavailable("the room is on too many servers")

    def _own_address(self) -> dict[str, str]:
        """What comes is not encrypted, so it is taken on the address of the API alone if that is told as a number."""
        try:
            ipaddress.ip_address(self._host)
        except ValueError:
            return {}
        return {"iface": self._host}

    async def _at_origin(self, request: str, **fields: Any) -> RoomReply:
        origin = self._origin
        return await origin.node.order(request, room=origin.name, secret=origin.secret, admin_key=self.key, **fields)

    async def _stop_sending(self, pairs: Mapping[str, int]) -> None:
        """Have the origin send these feeds here no more; a feed that is not there any more is not sent either."""
        ours = {(feed, _ssrc(pair, kind)) for feed, pair in pairs.items() for kind in KINDS}
        with contextlib.suppress(JanusError):
            for person in (await self._at_origin("listforwarders")).publishers:
                for forwarder in person.forwarders:
                    if (person.publisher_id, forwarder.ssrc) in ours:
                        with contextlib.suppress(JanusError):
                            await self._at_origin(
                                "stop_rtp_forward", publisher_id=person.publisher_id, stream_id=forwarder.stream_id
                            )

    async def _drop(self, feed: str) -> None:
        """Let a feed go whose viewers have been switched away. What fails in the middle is done later."""
        self.linked.discard(feed)
        self._half.add(feed)
        try:
            await self._stop_sending({feed: self._pairs[feed]})
        finally:
            with contextlib.suppress(JanusError):
                await self.remove_remote(feed)
        self._pairs.pop(feed, None)
        self._half.discard(feed)
