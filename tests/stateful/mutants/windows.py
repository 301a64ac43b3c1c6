"""Planted defects about which of somebody's windows has the seat."""

from tests.stateful.planted import Mutant

WINDOWS = (
    Mutant(
        "the host's seat is brought to the audience",
        "seating",
        "connection.seat_index != HOST_SEAT or needs.is_host(room, actor), ErrorCode",
        "True, ErrorCode",
    ),
    Mutant("brought without a new feed", "seating", "feed_number=number, has_media=False", "has_media=False"),
    Mutant("brought as if heard", "seating", "feed_number=number, has_media=False", "feed_number=number"),
    Mutant("brought to where it is", "seating", "if connection.window == actor.window:", "if False:"),
    Mutant("brought with the screen", "seating", "if connection.screen is DeviceState.OPEN:", "if False:"),
    Mutant(
        "brought, and no grace begins",
        "seating",
        "connection = settle(room, stall(connection, (), Device), now)",
        "connection = stall(connection, (), Device)",
    ),
    Mutant(
        "brought with the former one's silence",
        "seating",
        "settle(room, stall(connection, (), Device), now)",
        "settle(room, connection, now)",
        near="transitions",
        is_rare=True,
    ),
    Mutant(
        "a seat taken by no window",
        "seating",
        "seated = seat(room, actor.person, seat_index, command.media, now, window=actor.window",
        'seated = seat(room, actor.person, seat_index, command.media, now, window=""',
        near="windows",
    ),
    Mutant(
        "back in the queue without the window",
        "seating",
        "window=connection.window",
        'window=""',
    ),
    Mutant(
        "opened from any window",
        "devices",
        "    needs.need(connection.window == actor.window, ErrorCode.OTHER_WINDOW)\n",
        "",
        near="seating",
    ),
    Mutant(
        "reports about the former window count",
        "lines",
        "connection = _sender(room, number)",
        "connection = room.connection(number)",
        near="seating",
    ),
    Mutant("accepted at no window", "queue", "window=request.window", 'window=""', near="waiting"),
    Mutant(
        "accepted as if never muted",
        "queue",
        "if request.is_held else request.entry",
        "if request.is_held else Entry.OPEN",
        near="waiting",
    ),
    Mutant("asked from no window", "asking", "window=actor.window", 'window=""', near="waiting"),
    Mutant(
        "rejected and back without the window",
        "asking",
        "window=former.window",
        'window=""',
        near="waiting",
        is_rare=True,
    ),
    Mutant(
        "the own window is not told",
        "views",
        "window=connection.window if connection",
        'window="" if connection',
        near="seating",
    ),
)
