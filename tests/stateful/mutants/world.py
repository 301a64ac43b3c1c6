"""Planted defects in the show, in what lines, media and the clock do, and in the door of the rules."""

from tests.stateful.planted import Mutant

SHOW = (
    Mutant(
        "another host goes live",
        "show",
        "needs.need(needs.is_host(room, actor), ErrorCode.FORBIDDEN)",
        "needs.need(actor.role is Role.HOST, ErrorCode.FORBIDDEN)",
        near="options",
        is_rare=True,
    ),
    Mutant(
        "an ended room goes live again",
        "show",
        "    needs.need_not_ended(room)\n    room = replace(room, status=RoomStatus.LIVE",
        "    room = replace(room, status=RoomStatus.LIVE",
    ),
    Mutant(
        "the host sits though the seat is not kept",
        "show",
        "    if not room.options.keep_owner_on_seat:\n        return Outcome(room=room)\n",
        "",
    ),
    Mutant("ended twice", "show", "    needs.need_not_ended(room)\n    return dismiss", "    return dismiss"),
    Mutant("ended by the wrong one", "show", "Role.ADMIN: RoomEnd.MODERATOR", "Role.ADMIN: RoomEnd.HOST"),
    Mutant(
        "the host leaves and the show runs on",
        "show",
        "    needs.need(not needs.is_host(room, actor), ErrorCode.FORBIDDEN)\n",
        "",
    ),
    Mutant("leaving the room keeps the seat", "show", "and connection.seat_index != HOST_SEAT:", "and False:"),
    Mutant(
        "a window without right frees the host's seat",
        "show",
        "and connection.seat_index != HOST_SEAT:",
        "and True:",
        is_rare=True,
    ),
    Mutant(
        "leaving keeps the place in the queue",
        "show",
        "room, moments = void_request(room, actor.user_id, VoidCause.LEFT, now)",
        "moments = []",
    ),
    Mutant(
        "options for everybody to change",
        "show",
        "    needs.need_staff(room, actor)\n    needs.need_not_ended(room)\n    given",
        "    needs.need_not_ended(room)\n    given",
    ),
    Mutant("options after the end", "show", "    needs.need_not_ended(room)\n    given", "    given"),
    Mutant(
        "no is left out",
        "show",
        "for name, value in given.items() if value is not None})\n    is_turned",
        "for name, value in given.items() if value})\n    is_turned",
    ),
    Mutant(
        "turned while live",
        "show",
        "    needs.need(not is_turned or room.status is not RoomStatus.LIVE, ErrorCode.LAYOUT_FROZEN)\n",
        "",
        is_rare=True,
    ),
    Mutant(
        "every layout is frozen",
        "show",
        "is_turned = (options.layout is Layout.LANDSCAPE) != (room.options.layout is Layout.LANDSCAPE)",
        "is_turned = options.layout is not room.options.layout",
    ),
    Mutant("guests outside the room", "show", "    if outside:\n", "    if False:\n"),
    Mutant(
        "the last seat is outside", "show", "guest.seat_index > room.seat_count", "guest.seat_index >= room.seat_count"
    ),
    Mutant(
        "metadata never go", "show", "        if value is None:\n            entries.pop(key, None)\n", "        pass\n"
    ),
    Mutant("new metadata instead of more", "show", "entries = dict(room.metadata) | {", "entries = {"),
    Mutant(
        "one key too many", "show", "if len(entries) > METADATA_KEYS_MAX:", "if len(entries) > METADATA_KEYS_MAX + 1:"
    ),
    Mutant(
        "metadata in the order of arrival",
        "show",
        "metadata=tuple(sorted(entries.items()))",
        "metadata=tuple(entries.items())",
    ),
)

LINES = (
    Mutant(
        "the host is back and still away",
        "lines",
        "        room = absence.ends(room)\n",
        "        pass\n",
    ),
    Mutant(
        "the absent are away for good",
        "lines",
        "room = room.put_request(replace(request, gone_at=None))\n    if connection",
        "pass\n    if connection",
        is_rare=True,
    ),
    Mutant("the host is never away", "lines", "        room = absence.begins(room, now)\n", "        pass\n"),
    Mutant(
        "each report keeps the absent longer",
        "lines",
        "(request := room.request_of(user_id)) and request.gone_at is None:",
        "(request := room.request_of(user_id)):",
    ),
    Mutant("helpers never come back", "lines", "_helper_is(room, command.user_id, is_here=True)", "room", is_rare=True),
    Mutant("helpers never go", "lines", "_helper_is(room, user_id, is_here=False)", "room"),
    Mutant(
        "a restart does not start the waits anew",
        "lines",
        "room.put_connection(replace(connection, deadline=None))",
        "room",
    ),
    Mutant(
        "a restart keeps the absence of those who wait",
        "lines",
        "    for request in room.requests:\n"
        "        room = room.put_request(replace(request, gone_at=None))\n"
        "    seated",
        "    seated",
        is_rare=True,
    ),
    Mutant("a restart forgets the applicants", "lines", "| seated | waiting | helpers:", "| seated | helpers:"),
    Mutant(
        "an old screen ends the new one", "lines", "connection.screen_number == command.number and", "", near="devices"
    ),
    Mutant(
        "a screen that is gone stays",
        "lines",
        "room = room.put_connection(connection.with_device(Device.SCREEN, DeviceState.CLOSED))",
        "pass",
        near="devices",
    ),
    Mutant("what stalls is never told", "lines", "stall(connection, command.devices, OWN)", "connection"),
    Mutant(
        "whoever brings nothing at all has stalled devices",
        "lines",
        "    if connection is not None and connection.has_media:\n        room = room.put_connection(stall",
        "    if connection is not None:\n        room = room.put_connection(stall",
    ),
    Mutant("a gone line leaves its devices stalled", "lines", "connection = stall(connection, (), OWN)", "pass"),
    Mutant(
        "a gone line says that the screen moves",
        "lines",
        "stall(connection, (), OWN)",
        "stall(connection, (), Device)",
        is_rare=True,
    ),
    Mutant(
        "a new media server has stalled devices",
        "lines",
        "has_media=False, stalled=(), deadline",
        "has_media=False, deadline",
    ),
    Mutant(
        "an old screen stalls the new one",
        "lines",
        "if connection.screen_number == command.number:",
        "if connection.screen_number >= command.number:",
    ),
    Mutant(
        "closed devices stall",
        "transitions",
        "if d in stalled and connection.device(d) is DeviceState.OPEN}",
        "if d in stalled}",
    ),
    Mutant(
        "what was closed stalls still",
        "room",
        'state, "stalled": tuple(d for d in self.stalled if d is not device)}',
        "state}",
        near="stage",
    ),
    Mutant(
        "what is opened twice does not stall",
        "room",
        "        if self.device(device) is state:\n            return self\n",
        "",
        near="stage",
    ),
    Mutant(
        "a flapping media server keeps an empty seat",
        "lines",
        "deadline = None if connection.has_socket else connection.deadline",
        "deadline = None",
        is_rare=True,
    ),
    Mutant(
        "the media server is back with the old media",
        "lines",
        "replace(connection, has_media=False, stalled=(), deadline=deadline)",
        "replace(connection, stalled=(), deadline=deadline)",
    ),
)

CLOCK = (
    Mutant(
        "a time-out never comes",
        "clock",
        "if request.expires_at is not None and request.expires_at <= now:",
        "if request.expires_at is not None and request.expires_at < now:",
        near="waiting",
    ),
    Mutant(
        "the absent keep their place",
        "clock",
        "elif request.gone_at is not None and request.gone_at + SEAT_GRACE <= now:",
        "elif False:",
    ),
    Mutant(
        "a bar ends an instant late",
        "clock",
        "sanction.until <= now:",
        "sanction.until < now:",
        near="deadlines",
        is_rare=True,
    ),
    Mutant(
        "a bar ends without a word",
        "clock",
        "            moments.append(SanctionEnded(sanction=sanction))\n",
        "",
        near="deadlines",
    ),
    Mutant("links never expire", "clock", "if link.expires_at > now))", "))", near="deadlines", is_rare=True),
    Mutant(
        "an overdue seat is kept",
        "clock",
        "if connection.deadline is not None and connection.deadline <= now:",
        "if connection.deadline is not None and connection.deadline < now:",
    ),
    Mutant(
        "lost or never heard",
        "clock",
        "is_joining = connection.state is ConnectionState.JOINING and connection.has_socket",
        "is_joining = connection.state is ConnectionState.JOINING",
    ),
    Mutant(
        "the time is never up",
        "clock",
        "    if connection.ends_at is not None and connection.ends_at <= now:\n",
        "    if False:\n",
        near="stage",
    ),
    Mutant(
        "the time is up an instant late",
        "clock",
        "connection.ends_at <= now:",
        "connection.ends_at < now:",
        near="stage",
    ),
    Mutant(
        "nobody follows",
        "clock",
        "is_rotated = reason is ConnectionEnd.TIME_UP and room.options.is_rotating",
        "is_rotated = False",
        near="stage",
    ),
    Mutant(
        "somebody follows always",
        "clock",
        "reason is ConnectionEnd.TIME_UP and room.options.is_rotating",
        "reason is ConnectionEnd.TIME_UP",
        near="stage",
        is_rare=True,
    ),
    Mutant(
        "somebody follows a lost guest",
        "clock",
        "is_rotated = reason is ConnectionEnd.TIME_UP and room",
        "is_rotated = room",
        near="stage",
        is_rare=True,
    ),
    Mutant(
        "the held follow",
        "clock",
        "accept_next(room, room.host, now, with_held=False)",
        "accept_next(room, room.host, now)",
        near="stage",
        is_rare=True,
    ),
    Mutant("who follows is not told", "clock", "            moments += following.moments\n", "", near="stage"),
    Mutant(
        "host away: what the tick did before is untold",
        "clock",
        "moments=(*moments, *dismissed.moments)",
        "moments=dismissed.moments",
    ),
    Mutant(
        "the next deadline forgets the absent",
        "clock",
        "    deadlines += [r.gone_at + SEAT_GRACE for r in room.requests if r.gone_at]\n",
        "",
    ),
    Mutant(
        "the next deadline forgets the limits", "clock", "    deadlines += [x.ends_at for x in room.connections]\n", ""
    ),
    Mutant(
        "the next deadline forgets the bars",
        "clock",
        "    deadlines += [s.until for s in room.sanctions]\n",
        "",
        near="deadlines",
    ),
    Mutant(
        "the next deadline forgets the links",
        "clock",
        "    deadlines += [link.expires_at for link in room.links]\n",
        "",
        near="deadlines",
    ),
    Mutant("the next deadline forgets the host", "clock", "    deadlines.append(room.host_away_until)\n", ""),
)

DOOR = (
    Mutant(
        "anybody plays the clock",
        "rules",
        "        needs.need(actor.role in needs.OURSELVES, ErrorCode.FORBIDDEN)\n",
        "        pass\n",
    ),
    Mutant(
        "the banned have a say",
        "rules",
        "        needs.need_not_banned(room, actor.user_id, now)\n",
        "        pass\n",
        near="people",
    ),
    Mutant("the ticket's role counts", "rules", "role=room.role_of(actor), ", ""),
    Mutant("the old name in the queue", "naming", '"requests", "ended_connections"', '"ended_connections"'),
    Mutant(
        "the old name on a seat", "naming", '"links", "connections", "requests", "ended', '"links", "requests", "ended'
    ),
    Mutant(
        "the host keeps the old name",
        "naming",
        "host = person if room.host.user_id == person.user_id else room.host",
        "host = room.host",
    ),
    Mutant("the old name in what has ended", "naming", ', "ended_requests")', ")"),
    Mutant("the old name of a helper", "naming", 'LISTS = ("members", ', "LISTS = ("),
    Mutant(
        "the room never serves itself",
        "rules",
        "outcome = serve(RULES[type(command)](room, actor, command, now), now)",
        "outcome = RULES[type(command)](room, actor, command, now)",
    ),
    Mutant(
        "nothing happened, and it has a number",
        "rules",
        "        return replace(outcome, room=changed)\n",
        "        pass\n",
    ),
    Mutant(
        "two numbers for one change",
        "rules",
        "room=replace(changed, seq=room.seq + 1)",
        "room=replace(changed, seq=room.seq + 2)",
    ),
)
