"""How this installation is, as one serving process can tell: for probes, metrics, and the admin's page of a room."""

from asgiref.sync import async_to_sync
from msgspec import Struct

from micconnect import busmessages as m
from micconnect import hub, store
from micconnect.domain.outcome import Refused
from micconnect.domain.room import Actor
from micconnect.models import Room, ServingProcess, Socket
from micconnect.outages import AWAY
from micconnect.presence import PROCESS_ID
from micconnect.protocol.views import MediaInfo, SeatHealth
from micconnect.protocol.words import RoomStatus
from micconnect.running import Runtime, runtime


class Counts(Struct, frozen=True):
    """Of all processes: rooms that are live, open sockets, and people in rooms, each once per room and process."""

    rooms_live: int
    sockets: int
    people: int


class Condition(Struct, frozen=True):
    """None: the database, or whoever owns the media server, does not answer."""

    media: MediaInfo
    counts: Counts | None
    figures: m.MediaFigures | None


def media() -> MediaInfo | None:
    """The media server in force, None in a process that serves no sockets (yet). Safe from any thread."""
    return async_to_sync(_media)() if hub.is_serving() else None


async def _media() -> MediaInfo:
    return (await runtime()).hub.media


async def condition() -> Condition | None:
    """Everything for the metrics; on the loop. None in a process that serves no sockets (yet)."""
    if not hub.is_serving():
        return None
    serving = await runtime()
    try:
        counts = await serving.in_thread(_counts, *_here(serving))
    except AWAY:
        counts = None
    try:
        figures = await serving.media.figures()
    except Refused:
        figures = None
    return Condition(media=serving.hub.media, counts=counts, figures=figures)


def _here(serving: Runtime) -> tuple[int, int]:
    """The sockets and the people of this process, which knows them better than the rows do."""
    rooms = serving.hub.rooms.values()
    return sum(len(room.sockets) for room in rooms), sum(len(room.people) for room in rooms)


def _counts(sockets: int, people: int) -> Counts:
    """Adds those at other processes, whose rows are a moment old."""
    living = ServingProcess.objects.exclude(process_id=PROCESS_ID).values("process_id")
    elsewhere = Socket.objects.filter(closed_at=None, process_id__in=living).order_by()
    return Counts(
        rooms_live=Room.objects.filter(status=RoomStatus.LIVE).count(),
        sockets=sockets + elsewhere.count(),
        people=people + elsewhere.values("process_id", "room_id", "user_id").distinct().count(),
    )


def on_air(slug: str, actor: Actor) -> tuple[SeatHealth, ...] | None:
    """How the media of everybody on air in a room arrive now, for somebody of the staff; for threads of pages.

    None when nobody can tell: this process serves no sockets, or who owns the media server does not answer.
    """
    return async_to_sync(_on_air)(slug, actor) if hub.is_serving() else None


async def _on_air(slug: str, actor: Actor) -> tuple[SeatHealth, ...] | None:
    serving = await runtime()
    try:
        room = hub.find_room(slug)
        if room is None:
            room = await serving.in_thread(store.read, slug)
        return await serving.media.health(room, actor)
    except (Refused, store.NoRoom, *AWAY):
        return None
