"""What stands in Janus becomes what we know: after a line to it broke, and for whoever comes after us."""

import contextlib
from collections import defaultdict
from collections.abc import Iterable

from micconnect.media.base import FeedEvent, FeedGone, FeedUp
from micconnect.media.janus import marks
from micconnect.media.janus.edge import Edge
from micconnect.media.janus.line import Line
from micconnect.media.janus.messages import Handle, JanusError
from micconnect.media.janus.node import Node
from micconnect.media.janus.room import Room
from micconnect.media.janus.slots import NO_SEAT
from micconnect.media.janus.stage import Stage
from micconnect.media.janus.survey import FoundHandle, each
from micconnect.media.janus.watcher import Watcher


class Standing:
    """The lines and watches of one room that were found."""

    def __init__(self) -> None:
        self.lines: list[tuple[marks.LineMark, Handle]] = []
        self.watches: list[tuple[marks.WatchMark, Handle]] = []


def by_room(handles: Iterable[FoundHandle]) -> dict[str, Standing]:
    """What was found, sorted by the rooms it belongs to; the lines from the oldest to the newest."""
    rooms: defaultdict[str, Standing] = defaultdict(Standing)
    for found in handles:
        match found.mark:
            case marks.LineMark():
                rooms[found.mark.grant.room_id].lines.append((found.mark, found.info))
            case marks.WatchMark():
                rooms[found.mark.room_id].watches.append((found.mark, found.info))
    for standing in rooms.values():
        standing.lines.sort(key=lambda pair: pair[0].number)
    return dict(rooms)


async def detach_all(node: Node, standing: Standing) -> None:
    """End what was found. Raises MediaUnavailable."""
    await each(node.detach, [handle.handle_id for _, handle in (*standing.lines, *standing.watches)])


async def restore(room: Room, standing: Standing) -> list[FeedEvent]:
    """Make the room what stands in its own Janus; whatever should not, goes. Returns what has happened without us.

    Raises MediaUnavailable.
    """
    before = dict(room.on_air)
    room.on_air.clear()
    for line in before.values():
        line.is_over = True
    stage = room.house.stage
    await _find(stage)
    unfit = _take_lines(room, standing) | _take_watches(room, stage, standing)
    await each(stage.node.detach, unfit)
    # What is silent in our books must be so in Janus, whatever was under way when the line broke.
    await each(Line.apply, room.on_air.values())
    if room.is_closed:  # meanwhile
        await detach_all(stage.node, standing)
        await room.house.tear_down()
        return []
    _learn_shown(room)
    room.house.wire()
    room.crew.later(room.house.spread())
    return _news(room, before)


def _learn_shown(room: Room) -> None:
    """The seats in the moving pictures are those that viewers have there now, unless they are known."""
    if room.room_id in room.crew.memory.shown:
        return
    seats = {line.feed: line.state.seat for line in room.on_air.values()}
    for watcher in room.house.watchers:
        if feeds := watcher.pictures():
            room.crew.memory.shown[room.room_id] = tuple(seats.get(feed, NO_SEAT) for feed in feeds)
            return


async def restore_edge(room: Room, edge: Edge, standing: Standing) -> None:
    """The same on a server that carries viewers of the room only. Raises MediaUnavailable."""
    await _find(edge)
    unfit = _take_watches(room, edge, standing) | {handle.handle_id for _, handle in standing.lines}
    await each(edge.node.detach, unfit)
    if room.house.stage.is_created:
        _learn_shown(room)
        room.house.wire()
        room.crew.later(room.house.spread())


async def _find(stage: Stage) -> None:
    """Know what is there; nothing, if Janus does not know the room."""
    stage.forget()
    with contextlib.suppress(JanusError):
        await stage.find()


def _news(room: Room, before: dict[str, Line]) -> list[FeedEvent]:
    events: list[FeedEvent] = [FeedGone(room.room_id, grant_id) for grant_id in before if grant_id not in room.on_air]
    for grant_id, line in room.on_air.items():
        if grant_id in before:  # the note of the last change may not have come through
            line.flows, line.state.stalled = before[grant_id].flows, before[grant_id].state.stalled
        # What was noted as up was told, by us or by who was here before us.
        was_told = before[grant_id].state.is_up if grant_id in before else line.state.is_up
        line.state.is_up = line.state.is_up or line.has_media
        if line.state.is_up and not was_told:
            events.append(FeedUp(room.room_id, grant_id))
            room.crew.later(line.save())
    return events


def _take_lines(room: Room, standing: Standing) -> set[int]:
    """Put the lines on air; returns the handles of those that have no business there."""
    unfit = {handle.handle_id for _, handle in standing.lines}
    stage = room.house.stage
    if not stage.is_created:
        return unfit
    newest = {mark.grant.grant_id: mark.number for mark, _ in standing.lines}
    for mark, handle in standing.lines:
        if mark.grant.grant_id in room.crew.memory.cut or mark.number != newest[mark.grant.grant_id]:
            continue
        state = marks.LineState.read(handle.plugin_specific.display, mark.grant)
        line = Line(stage, mark, room.crew.caps, state, room.line_news)
        # Before `adopt` because that may tell at once that the line has ended.
        room.on_air[mark.grant.grant_id] = line
        if line.adopt(handle):
            unfit.discard(handle.handle_id)
            if line.is_linked:
                stage.linked.add(line.feed)
        else:
            del room.on_air[mark.grant.grant_id]
    return unfit


def _take_watches(room: Room, stage: Stage, standing: Standing) -> set[int]:
    """Take the viewers in; returns the handles of those that are none."""
    unfit = {handle.handle_id for _, handle in standing.watches}
    if not stage.is_created:
        return unfit
    for mark, handle in standing.watches:
        if mark.watch_id in room.crew.memory.closed or mark.home != room.node.name:
            continue
        watcher = Watcher(stage, mark, room.house.watcher_ended)
        stage.watchers[mark.watch_id] = watcher
        if watcher.adopt(handle):
            unfit.discard(handle.handle_id)
        else:
            del stage.watchers[mark.watch_id]
    return unfit
