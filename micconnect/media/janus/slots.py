"""The m-lines of a viewer: which of them shows what, and what has to be switched when that changes."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from micconnect.media.base import SCREEN_PLACE
from micconnect.protocol.views import Slot

NO_SEAT = -1  # of a moving picture: `seat_index` of its slot, and a seat in `show` that means nobody

Source = tuple[str, str]  # a feed in Janus and the mid of one of its m-lines


class Place(Struct, frozen=True):
    """One m-line of a viewer. Its mid in Janus is its number in the row.

    `seat`: whose sound or picture, SCREEN_PLACE for the shared screen; None for a moving picture, the n-th.
    """

    kind: str
    seat: int | None
    picture: int | None = None


def places(seats: int, pictures: int | None) -> tuple[Place, ...]:
    """The row of m-lines for so many seats; `pictures` as at `MediaBackend.open_watch`."""
    screen = Place("video", SCREEN_PLACE)
    if pictures is None:
        return (*(Place(kind, seat) for seat in range(seats) for kind in ("audio", "video")), screen)
    row = tuple(Place("audio", seat) for seat in range(seats))
    if not pictures:
        return row
    return (*row, *(Place("video", None, picture) for picture in range(pictures)), screen)


def slots(seats: int, pictures: int | None) -> tuple[Slot, ...]:
    """The same as the page is told it: a slot per seat, the moving pictures, the shared screen as the last one."""
    mids: dict[tuple[int | None, str], str] = {}
    moving: list[Slot] = []
    for mid, place in enumerate(places(seats, pictures)):
        if place.picture is None:
            mids[place.seat, place.kind] = str(mid)
        else:
            moving.append(Slot(seat_index=NO_SEAT, audio_mid="", video_mid=str(mid), picture=place.picture))
    row = [
        Slot(seat_index=seat, audio_mid=mids[seat, "audio"], video_mid=mids.get((seat, "video"), ""))
        for seat in range(seats)
    ]
    row += moving
    if (screen := mids.get((SCREEN_PLACE, "video"))) is not None:
        row.append(Slot(seat_index=seats, audio_mid="", video_mid=screen, is_screen=True))
    return tuple(row)


def seat_of(place: Place, shown: Sequence[int]) -> int | None:
    """Whose media an m-line shows while the moving pictures show the seats `shown`; None for nobody's."""
    if place.picture is None:
        return place.seat
    if place.picture < len(shown) and shown[place.picture] != NO_SEAT:
        return shown[place.picture]
    return None


def changes(now: Mapping[str, Source], wanted: Mapping[str, Source]) -> list[dict[str, str]]:
    """What to switch, as Janus wants to be told it; both are by the mids of the viewer."""
    return [
        {"feed": feed, "mid": mid, "sub_mid": own_mid}
        for own_mid, (feed, mid) in wanted.items()
        if now.get(own_mid) != (feed, mid)
    ]
