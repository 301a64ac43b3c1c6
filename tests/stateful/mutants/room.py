"""Planted defects in what a room is, and in the moves that need no permission."""

from tests.stateful.planted import Mutant

ROOM = (
    Mutant("one seat too many", "room", "range(1, self.seat_count + 1)", "range(1, self.seat_count + 2)"),
    Mutant("one seat too few", "room", "range(1, self.seat_count + 1)", "range(1, self.seat_count)"),
    Mutant("the highest seat first", "room", "in range(1, self.seat_count + 1)", "in range(self.seat_count, 0, -1)"),
    Mutant("one seat for two", "room", "taken = {c.seat_index for", "taken = {c.number for"),
    Mutant("a locked seat is free", "room", "and not self.seats[i].is_locked]", "]"),
    Mutant(
        "more seats than the layout shows",
        "room",
        "min(self.options.seat_count, LAYOUT_SEATS[self.options.layout])",
        "self.options.seat_count",
        is_rare=True,
    ),
    Mutant("the newest ends are forgotten", "room", "newest_last[-ENDED_KEPT:]", "newest_last[:ENDED_KEPT]"),
    Mutant("things out of order", "room", "key=lambda item: item.number)", "key=lambda item: -item.number)"),
    Mutant(
        "the first end instead of the last",
        "room",
        "for r in reversed(self.ended_requests)",
        "for r in self.ended_requests",
    ),
    Mutant(
        "an ended request stays open",
        "room",
        "return replace(self, requests=rest, ended_requests",
        "return replace(self, ended_requests",
    ),
    Mutant(
        "the host's word does not count",
        "room",
        "member is None or member.is_moderator is None:",
        "True:",
    ),
    Mutant(
        "an ended helper keeps the ticket's right",
        "room",
        "Role.MODERATOR if member.is_moderator else Role.AUDIENCE",
        "Role.MODERATOR if member.is_moderator else actor.role",
        is_rare=True,
    ),
    Mutant(
        "ended helpers are listed",
        "room",
        "for m in self.members if m.is_moderator)",
        "for m in self.members if m.is_moderator is not None)",
    ),
    Mutant("a ban one instant too long", "room", "sanction.until > now else None", "sanction.until >= now else None"),
    Mutant(
        "a bar counts as a ban",
        "room",
        "if (sanction.person.user_id, sanction.kind) == (user_id, kind):",
        "if sanction.person.user_id == user_id:",
    ),
    Mutant(
        "the first moved stays in front",
        "room",
        "return (-request.front,",
        "return (-bool(request.front),",
        is_rare=True,
    ),
    Mutant("moved to the end", "room", "return (-request.front,", "return (request.front,"),
    Mutant(
        "the fair order is the order of arrival", "room", "is_fair = self.options.queue_order is", "is_fair = None is"
    ),
    Mutant(
        "always the fair order",
        "room",
        "is_fair = self.options.queue_order is QueueOrder.SPOKE_LEAST",
        "is_fair = True",
    ),
    Mutant(
        "a screen does not mind the camera's lock",
        "room",
        "if device is Device.MICROPHONE else self.is_camera_locked",
        "if device is not Device.CAMERA else self.is_camera_locked",
    ),
    Mutant(
        "the lock of the seat does not count",
        "room",
        "is_locked = self.seats[connection.seat_index].locks(device) or device in",
        "is_locked = device in",
    ),
)

TRANSITIONS = (
    Mutant(
        "sound only, with a camera",
        "transitions",
        "has_camera = entry is not Entry.CLOSED and media is LinkMedia.VIDEO",
        "has_camera = entry is not Entry.CLOSED",
    ),
    Mutant(
        "a placed guest is heard",
        "transitions",
        "DeviceState.OPEN if entry is Entry.OPEN and not is_muted else DeviceState.CLOSED",
        "DeviceState.OPEN",
    ),
    Mutant(
        "a placed guest is seen",
        "transitions",
        "entry is not Entry.CLOSED and media is LinkMedia",
        "media is LinkMedia",
    ),
    Mutant(
        "on the stage at once",
        "transitions",
        "is_guest and (room.options.has_backstage or member.is_backstage)",
        "is_guest and member.is_backstage",
    ),
    Mutant("no time limit", "transitions", "or room.options.time_limit_s) if is_guest", ") if is_guest"),
    Mutant(
        "a time limit for the host",
        "transitions",
        "room.options.time_limit_s) if is_guest else 0",
        "room.options.time_limit_s)",
    ),
    Mutant("turns are not counted", "transitions", "turns=member.turns + 1", "turns=member.turns"),
    Mutant(
        "asks for a lock that is gone",
        "transitions",
        "if connection.asks is device and not is_locked:",
        "if False:",
        near="devices",
    ),
    Mutant(
        "on the stage when behind it",
        "transitions",
        "if connection.is_backstage or connection.aired_at:",
        "if connection.aired_at:",
    ),
    Mutant(
        "the time on the stage begins anew with each gap",
        "transitions",
        "if connection.is_backstage or connection.aired_at:",
        "if connection.is_backstage:",
    ),
    Mutant(
        "the limit never runs",
        "transitions",
        "ends_at = now + timedelta(seconds=connection.limit_s) if connection.limit_s else None",
        "ends_at = None",
    ),
    Mutant(
        "the time before the stage is forgotten",
        "transitions",
        "spoken_s = connection.spoken_s + seconds",
        "spoken_s = seconds",
        is_rare=True,
    ),
    Mutant(
        "the limit runs behind the stage", "transitions", "aired_at=None, ends_at=None)", "aired_at=None)", is_rare=True
    ),
    Mutant(
        "nobody has ever spoken",
        "transitions",
        "spoken_s=member.spoken_s + ended.spoken_s, ",
        "",
    ),
    Mutant(
        "the host's time counts as a guest's",
        "transitions",
        "    if ended.seat_index != HOST_SEAT:\n        member",
        "    if True:\n        member",
    ),
    Mutant(
        "only the last time counts",
        "transitions",
        "spoken_s=member.spoken_s + ended.spoken_s",
        "spoken_s=ended.spoken_s",
        is_rare=True,
    ),
    Mutant(
        "the spotlight stays on the empty seat", "transitions", "    if room.spotlight == user_id:", "    if False:"
    ),
    Mutant("any end takes the spotlight", "transitions", "    if room.spotlight == user_id:", "    if True:"),
    Mutant(
        "a time on the seat ends with a shared screen",
        "transitions",
        "        screen=DeviceState.CLOSED,\n        ended_at",
        "        ended_at",
    ),
    Mutant(
        "requests outlive the show",
        "transitions",
        "    for request in room.requests:\n"
        "        room, moment = end_request(room, request, RequestState.VOID, now, cause=VoidCause.ROOM_ENDED)\n"
        "        moments.append(moment)\n",
        "",
    ),
    Mutant(
        "guests outlive the show",
        "transitions",
        "    for connection in room.connections:\n        room, gone",
        "    for connection in room.connections[1:]:\n        room, gone",
    ),
    Mutant("grace of 29 s", "transitions", "SEAT_GRACE = timedelta(seconds=30)", "SEAT_GRACE = timedelta(seconds=29)"),
    Mutant(
        "a lost line gives no deadline",
        "transitions",
        "deadline=connection.deadline or now + SEAT_GRACE)",
        "deadline=connection.deadline)",
    ),
    Mutant(
        "every report prolongs the grace",
        "transitions",
        "deadline=connection.deadline or now + SEAT_GRACE)",
        "deadline=now + SEAT_GRACE)",
    ),
    Mutant("the deadline outlives the return", "transitions", "live_at=live_at, deadline=None)", "live_at=live_at)"),
    Mutant(
        "live without sound",
        "transitions",
        "if connection.has_socket and connection.has_media:",
        "if connection.has_socket:",
    ),
    Mutant(
        "the media server's absence costs seats",
        "transitions",
        "is_own_fault = not connection.has_socket or room.has_media_server",
        "is_own_fault = True",
    ),
    Mutant(
        "an empty seat while the media server is away",
        "transitions",
        "is_own_fault = not connection.has_socket or room.has_media_server",
        "is_own_fault = room.has_media_server",
    ),
    Mutant(
        "the host loses the seat",
        "transitions",
        "connection.seat_index == HOST_SEAT or not is_own_fault",
        "not is_own_fault",
    ),
    Mutant(
        "an answer without the one who gave it",
        "transitions",
        "operator=operator or request.operator",
        "operator=request.operator",
    ),
)
