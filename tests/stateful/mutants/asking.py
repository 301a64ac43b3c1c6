"""Planted defects in what verbs ask before they act, in applications, and in the queue."""

from tests.stateful.planted import Mutant

NEEDS = (
    Mutant(
        "the audience accepts", "needs", "STAFF = frozenset({Role.HOST,", "STAFF = frozenset({Role.AUDIENCE, Role.HOST,"
    ),
    Mutant(
        "moderators may nothing",
        "needs",
        "STAFF = frozenset({Role.HOST, Role.MODERATOR,",
        "STAFF = frozenset({Role.HOST,",
    ),
    Mutant(
        "moderators end the live",
        "needs",
        "OWNERS = frozenset({Role.HOST,",
        "OWNERS = frozenset({Role.HOST, Role.MODERATOR,",
        is_rare=True,
    ),
    Mutant(
        "the host of another room",
        "needs",
        "actor.role in STAFF and (actor.role is not Role.HOST or is_host(room, actor))",
        "actor.role in STAFF",
        is_rare=True,
    ),
    Mutant(
        "applying before the show", "needs", "    need(room.status is RoomStatus.LIVE, ErrorCode.ROOM_NOT_LIVE)\n", ""
    ),
    Mutant(
        "two seats for one",
        "needs",
        "    need(room.connection_of(user_id) is None, ErrorCode.ALREADY_ON_SEAT)\n",
        "",
        near="seating",
    ),
    Mutant(
        "the host sits among the guests", "needs", "    need(user_id != room.host.user_id, ErrorCode.FORBIDDEN)\n", ""
    ),
    Mutant(
        "two requests of one person",
        "needs",
        "if request := room.request_of(user_id):\n        raise",
        "if (request := room.request_of(user_id)) and request.kind is RequestKind.INVITATION:\n        raise",
    ),
    Mutant(
        "an invited person applies",
        "needs",
        "if request := room.request_of(user_id):\n        raise",
        "if (request := room.request_of(user_id)) and request.kind is RequestKind.APPLICATION:\n        raise",
    ),
    Mutant(
        "a bar is no bar",
        "needs",
        "SanctionKind.MIC_BAR, ErrorCode.BARRED, now",
        "SanctionKind.ROOM_BAN, ErrorCode.BARRED, now",
    ),
    Mutant("a bar that does not say why", "needs", '"reason": sanction.reason.value}', '"reason": None}'),
    Mutant(
        "the host is taken off the own seat",
        "needs",
        "    need(connection.seat_index != HOST_SEAT, ErrorCode.FORBIDDEN)\n",
        "",
    ),
    Mutant(
        "one seat beyond the last", "needs", "HOST_SEAT < seat_index <= room.seat_count", "HOST_SEAT < seat_index <= 9"
    ),
    Mutant("guests on the host's seat", "needs", "HOST_SEAT < seat_index <=", "HOST_SEAT <= seat_index <="),
    Mutant(
        "a locked seat is taken", "needs", "need(not room.seats[seat_index].is_locked, ErrorCode.SEAT_LOCKED)", "pass"
    ),
    Mutant(
        "a wished seat is taken twice",
        "needs",
        "if occupant := room.occupant(wanted):",
        "if (occupant := room.occupant(wanted)) and not wanted:",
    ),
    Mutant(
        "sound becomes picture", "needs", "if room.is_audio_only or LinkMedia.AUDIO in wishes", "if room.is_audio_only"
    ),
    Mutant("the last wish counts", "needs", "LinkMedia.AUDIO in wishes else", "wishes[-1] is LinkMedia.AUDIO else"),
    Mutant(
        "an application answered as an invitation",
        "needs",
        "if request is None or request.kind is not kind:",
        "if request is None:",
    ),
    Mutant(
        "answered twice",
        "needs",
        "if request.state is not RequestState.PENDING:",
        "if request.state is RequestState.VOID:",
        near="waiting",
    ),
    Mutant(
        "accepted at the last instant", "needs", "request.expires_at <= now", "request.expires_at < now", is_rare=True
    ),
    Mutant("expiry is left to the clock", "needs", "if is_expired(request, now):", "if False:"),
    Mutant(
        "handled by the wrong one",
        "needs",
        "request.person if is_application == is_withdrawn",
        "request.person if is_withdrawn",
        near="waiting",
    ),
    Mutant(
        "a time-out handled by the inviter",
        "needs",
        "in (RequestState.TIMEOUT, RequestState.VOID)",
        "in (RequestState.VOID,)",
        is_rare=True,
    ),
    Mutant(
        "the own wait is ignored", "waits", "if timeout_s is None else timeout_s", "if not timeout_s else timeout_s"
    ),
    Mutant(
        "only who sits is known",
        "naming",
        "room.connection_of(user_id) or room.request_of(user_id)",
        "room.connection_of(user_id)",
        near="people",
    ),
    Mutant(
        "a stranger is invited",
        "needs",
        "    if room.invitee is None or room.invitee.user_id != user_id:\n"
        "        raise Refused(ErrorCode.NO_SUCH_USER)\n"
        "    return room.invitee",
        "    return somebody(room, user_id)",
    ),
)

ASKING = (
    Mutant(
        "the host applies",
        "asking",
        "actor.role in (Role.AUDIENCE, Role.MODERATOR)",
        "actor.role is not Role.HOST",
        near="seating",
    ),
    Mutant("the barred apply", "asking", "    needs.need_not_barred(room, actor.user_id, now)\n", "", near="people"),
    Mutant("one request too many", "asking", "len(room.requests) < PENDING_MAX", "len(room.requests) <= PENDING_MAX"),
    Mutant("applications in every mode", "asking", "    need_mode(room, SeatMode.APPLY)\n", ""),
    Mutant(
        "applications in a pause", "asking", "needs.need(not room.options.is_paused, ErrorCode.REQUESTS_PAUSED)", "pass"
    ),
    Mutant(
        "a picture is asked for in a room for sound",
        "asking",
        "    needs.need(media is LinkMedia.AUDIO or not room.is_audio_only, ErrorCode.AUDIO_ONLY)\n",
        "",
    ),
    Mutant("helpers need an account", "asking", "    if actor.role is Role.MODERATOR:\n        return\n", ""),
    Mutant(
        "nobody needs an account",
        "asking",
        "    needs.need(actor.has_account or not room.options.needs_login, ErrorCode.LOGIN_REQUIRED)\n",
        "",
    ),
    Mutant(
        "one turn too many",
        "asking",
        "turns >= most:",
        "turns > most:",
        is_rare=True,
    ),
    Mutant(
        "who was never seen has watched for ever",
        "asking",
        "(actor.since or now)",
        "(actor.since or room.live_at or now)",
    ),
    Mutant("too early by an instant", "asking", "if stayed_at > now:", "if stayed_at >= now:"),
    Mutant(
        "a seat is wished for that there is not",
        "asking",
        "        needs.need_unlocked(room, command.seat_index)\n",
        "        pass\n",
    ),
    Mutant("cool-down one instant too long", "asking", "and ready_at > now", "and ready_at >= now", is_rare=True),
    Mutant("undone: at the end of the queue", "asking", "rank=former.rank if former else number", "rank=number"),
    Mutant("undone: no longer in front", "asking", "front=former.front if former else 0", "front=0"),
    Mutant(
        "accepted when full ends the request",
        "asking",
        "    if seat_index is None:\n        raise Refused(ErrorCode.SEATS_FULL)",
        "    if seat_index is None:\n        seat_index = 9",
    ),
    Mutant(
        "the staff's seat is ignored",
        "asking",
        "seat_index = needs.pick_seat(room, command.seat_index)",
        "pass",
        is_rare=True,
    ),
    Mutant(
        "a no without its reason",
        "asking",
        "replace(request, reason=reason, answer_note=note)",
        "replace(request, answer_note=note)",
    ),
    Mutant(
        "the next one, though all seats are taken",
        "asking",
        "needs.need(bool(room.free_seats()), ErrorCode.SEATS_FULL)\n    outcome",
        "outcome",
        is_rare=True,
    ),
    Mutant(
        "all are accepted without a right",
        "asking",
        'who, and how many are left."""\n    needs.need_staff(room, actor)\n',
        'who, and how many are left."""\n',
    ),
    Mutant(
        "all are rejected but the last", "asking", "    for request in waiting:", "    for request in waiting[:-1]:"
    ),
    Mutant("the expired are rejected too", "asking", "if not needs.is_expired(request, now)]", "]", is_rare=True),
    Mutant("undone after a minute", "asking", "r.ended_at + UNDO > now", "r.ended_at + UNDO >= now"),
    Mutant(
        "all rejections are undone",
        "asking",
        "if (r.ended_seq, r.state, r.kind) == (command.seq,",
        "if (command.seq, r.state, r.kind) == (command.seq,",
    ),
    Mutant(
        "undone although seated since",
        "asking",
        "or room.request_of(user_id) or room.connection_of(user_id):",
        "or room.request_of(user_id):",
        is_rare=True,
    ),
    Mutant(
        "undone although asked since",
        "asking",
        "or room.request_of(user_id) or room.connection_of(user_id):",
        "or room.connection_of(user_id):",
    ),
    Mutant(
        "undone although withdrawn since",
        "asking",
        "if room.last_request_of(user_id) != former or not",
        "if not",
        near="waiting",
    ),
    Mutant(
        "undone although barred since",
        "asking",
        "    try:\n        needs.need_not_barred(room, user_id, now)\n    except Refused:\n        return False\n",
        "",
    ),
    Mutant("the former front stays in front", "asking", "front=room.last_number + 1)\n    room", "front=1)\n    room"),
    Mutant(
        "moved though first already",
        "asking",
        "    if room.applications()[0] == request:\n        return Outcome(room=room, request=request)\n",
        "",
    ),
)

QUEUE = (
    Mutant("a closed room accepts by itself", "queue", "(mode is SeatMode.APPLY and room", "(room", is_rare=True),
    Mutant(
        "an absent applicant sits as if present",
        "queue",
        "has_socket=request.gone_at is None",
        "has_socket=True",
        near="waiting",
        is_rare=True,
    ),
    Mutant(
        "the held are heard at once",
        "queue",
        "Entry.CLOSED if request.is_held else request.entry",
        "request.entry",
        is_rare=True,
    ),
    Mutant(
        "the wish for a seat is ignored",
        "queue",
        "    if request.seat_index in free:\n        return request.seat_index\n",
        "",
    ),
    Mutant("the absent are served", "queue", "if request.gone_at is None and not", "if not", is_rare=True),
    Mutant("the expired are served", "queue", "and not is_expired(request, now) and", "and", is_rare=True),
    Mutant("the room itself accepts the held", "queue", "and (with_held or not request.is_held)", ""),
    Mutant(
        "nobody accepts the held", "queue", "(with_held or not request.is_held)", "not request.is_held", is_rare=True
    ),
    Mutant(
        "served in the order of numbers",
        "queue",
        "for request in room.applications():",
        "for request in room.requests:",
    ),
    Mutant(
        "those accepted by the room are not told",
        "queue",
        "moments = (*outcome.moments, *served.moments)",
        "moments = outcome.moments",
    ),
    Mutant("the room accepts always", "queue", " and room.options.is_auto_accepting)", ")"),
    Mutant(
        "the room never accepts",
        "queue",
        "    served = accept_many(room, room.host, now, with_held=False)",
        "    served = Outcome(room=room)",
    ),
    Mutant(
        "an answer from before the queue moved",
        "rules",
        "request=changed.find_request(outcome.request.request_id)",
        "request=outcome.request",
        near="queue",
    ),
    Mutant("a likely time though a seat is free", "queue", "    if room.free_seats():\n        return None\n", ""),
    Mutant(
        "everybody is likely next", "queue", "    for _ in range(place - 1):", "    for _ in range(0):", is_rare=True
    ),
    Mutant(
        "a seat comes free once",
        "queue",
        "            if stay:\n                heappush",
        "            if False:\n                heappush",
    ),
)
