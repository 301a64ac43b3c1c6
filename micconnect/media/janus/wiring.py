"""Who is to be shown where: what every viewer of a stage gets, from who is on air."""

from collections.abc import Sequence

from micconnect.media.janus import slots
from micconnect.media.janus.line import Line
from micconnect.media.janus.marks import WatchMark
from micconnect.media.janus.stage import Stage


def _owner(on_air: dict[str, Line], seat: int, *, is_staff: bool) -> Line | None:
    """Whose media a seat shows: of several lines on one seat the newest that is for this viewer."""
    for line in reversed(on_air.values()):
        if line.state.seat == seat and (is_staff or not line.state.is_backstage):
            return line
    return None


def _sends(line: Line, mark: WatchMark) -> bool:
    return line.grant.comes_from(mark.viewer_id, mark.window)


def plan(on_air: dict[str, Line], shown: Sequence[int], stage: Stage, mark: WatchMark) -> dict[str, slots.Source]:
    """What a viewer's m-lines carry, by mid. `on_air`: the newest last; `shown`: the seats of the moving pictures."""
    wanted: dict[str, slots.Source] = {}
    for mid, place in enumerate(slots.places(mark.seats, mark.pictures)):
        seat = slots.seat_of(place, shown)
        line = _owner(on_air, seat, is_staff=mark.is_staff) if seat is not None else None
        is_shown = line is not None and line.feed in stage.linked and not _sends(line, mark)
        stream = line.streams.get(place.kind) if line is not None and is_shown else None
        if line is None or stream is None:
            wanted[str(mid)] = stage.nobody(place.kind)
        else:
            wanted[str(mid)] = stage.source(line.feed, stream)
    return wanted


def wire(on_air: dict[str, Line], shown: Sequence[int], stage: Stage) -> None:
    """Tell every viewer what to show. Most of them get the same."""
    senders = {(line.grant.user_id, line.grant.window) for line in on_air.values()}
    plans: dict[tuple[object, ...], dict[str, slots.Source]] = {}
    for watcher in list(stage.watchers.values()):
        mark = watcher.mark
        viewer = (mark.viewer_id, mark.window)
        key = (mark.seats, mark.pictures, mark.is_staff, viewer if viewer in senders else None)
        if key not in plans:
            plans[key] = plan(on_air, shown, stage, mark)
        watcher.want(plans[key])
