"""Planted defects in what may happen: permissions, requests, seats and devices."""

from tests.stateful.planted import Mutant

RULES = (
    Mutant(
        "two seats for one",
        "rules",
        "    _need(room.connection_of(actor.user_id) is None, ErrorCode.ALREADY_ON_SEAT)\n",
        "",
    ),
    Mutant(
        "a guest is invited",
        "rules",
        "    _need(room.connection_of(command.user_id) is None, ErrorCode.ALREADY_ON_SEAT)\n",
        "",
    ),
    Mutant("accepted when full ends the request", "rules", "raise Refused(ErrorCode.SEATS_FULL)", "seat_index = 9"),
    Mutant(
        "the host is taken off the own seat",
        "rules",
        "    _need(connection.seat_index != HOST_SEAT, ErrorCode.FORBIDDEN)\n    return connection",
        "    return connection",
    ),
    Mutant(
        "leaving the room keeps the seat",
        "rules",
        "        room, gone = end_connection(room, connection, ConnectionEnd.EXITED, now)\n"
        "        moments.append(gone)\n"
        "    return",
        "        pass\n    return",
    ),
    Mutant("taken off looks like left", "rules", "ConnectionEnd.TERMINATED", "ConnectionEnd.EXITED"),
    Mutant(
        "one request too many",
        "rules",
        "PENDING_MAX, ErrorCode.QUEUE_FULL)\n"
        "    return _add_request(\n"
        "        room,\n"
        "        Request(\n"
        "            number=room.seq + 1,\n"
        "            kind=RequestKind.APPLICATION",
        "PENDING_MAX + 1, ErrorCode.QUEUE_FULL)\n"
        "    return _add_request(\n"
        "        room,\n"
        "        Request(\n"
        "            number=room.seq + 1,\n"
        "            kind=RequestKind.APPLICATION",
    ),
    Mutant(
        "invitations without limit",
        "rules",
        "PENDING_MAX, ErrorCode.QUEUE_FULL)\n"
        "    return _add_request(\n"
        "        room,\n"
        "        Request(\n"
        "            number=room.seq + 1,\n"
        "            kind=RequestKind.INVITATION",
        "999, ErrorCode.QUEUE_FULL)\n"
        "    return _add_request(\n"
        "        room,\n"
        "        Request(\n"
        "            number=room.seq + 1,\n"
        "            kind=RequestKind.INVITATION",
    ),
    Mutant(
        "two requests of one person",
        "rules",
        "if request := room.request_of(actor.user_id):\n        raise",
        "if (request := room.request_of(actor.user_id)) and request.kind is RequestKind.INVITATION:\n        raise",
    ),
    Mutant(
        "an applicant is invited",
        "rules",
        "if request := room.request_of(command.user_id):\n        raise",
        "if (request := room.request_of(command.user_id)) and request.kind is RequestKind.INVITATION:\n        raise",
    ),
    Mutant("accepted at the last instant", "rules", "request.expires_at <= now:  #", "request.expires_at < now:  #"),
    Mutant("expiry is left to the clock", "rules", "request.expires_at <= now:  #", "False:  #"),
    Mutant(
        "0 means at once",
        "rules",
        "now + timedelta(seconds=wait_s) if wait_s else None",
        "now + timedelta(seconds=wait_s)",
    ),
    Mutant(
        "the own wait is ignored",
        "rules",
        "if timeout_s is None else timeout_s",
        "if not timeout_s else timeout_s",
    ),
    Mutant(
        "cool-down of 9 s",
        "rules",
        "RequestState.CANCELLED: timedelta(seconds=10)",
        "RequestState.CANCELLED: timedelta(seconds=9)",
    ),
    Mutant("no cool-down after a no", "rules", ", RequestState.REJECTED: timedelta(seconds=30)", ""),
    Mutant("cool-down one instant too long", "rules", "and ready_at > now", "and ready_at >= now"),
    Mutant(
        "cool-down after a declined invitation",
        "rules",
        "or last.kind is not RequestKind.APPLICATION:\n        return None",
        "or not last.kind:\n        return None",
    ),
    Mutant(
        "a stranger is invited",
        "rules",
        "if room.invitee is None or room.invitee.user_id != command.user_id:",
        "if False:",
    ),
    Mutant(
        "somebody else's invitation",
        "rules",
        "known is not None and known.person.user_id == actor.user_id",
        "known is not None",
    ),
    Mutant(
        "an application answered as an invitation",
        "rules",
        "if request is None or request.kind is not kind:",
        "if request is None:",
    ),
    Mutant(
        "answered twice",
        "rules",
        "if request.state is not RequestState.PENDING:",
        "if request.state is RequestState.VOID:",
    ),
    Mutant(
        "handled by the wrong one",
        "rules",
        "request.person if is_application == is_withdrawn",
        "request.person if is_withdrawn",
    ),
    Mutant(
        "a time-out handled by the inviter",
        "rules",
        "in (RequestState.TIMEOUT, RequestState.VOID)",
        "in (RequestState.VOID,)",
    ),
    Mutant(
        "sound becomes picture",
        "rules",
        "LinkMedia.VIDEO if {wanted, request.media} == {LinkMedia.VIDEO} else LinkMedia.AUDIO",
        "wanted",
    ),
    Mutant(
        "the wish for sound is ignored",
        "rules",
        "wanted = command.media or request.media",
        "wanted = request.media",
    ),
    Mutant(
        "a no without its reason",
        "rules",
        "reason=command.reason, answer_note=command.note),\n        RequestState.REJECTED",
        "answer_note=command.note),\n        RequestState.REJECTED",
    ),
    Mutant("an absent applicant sits as if present", "rules", "has_socket=request.gone_at is None", "has_socket=True"),
    Mutant(
        "the audience accepts",
        "rules",
        "STAFF = frozenset({Role.HOST,",
        "STAFF = frozenset({Role.AUDIENCE, Role.HOST,",
    ),
    Mutant(
        "moderators may nothing",
        "rules",
        "STAFF = frozenset({Role.HOST, Role.MODERATOR,",
        "STAFF = frozenset({Role.HOST,",
    ),
    Mutant(
        "moderators end the live",
        "rules",
        "    Role.ADMIN: RoomEnd.MODERATOR,\n",
        "    Role.ADMIN: RoomEnd.MODERATOR,\n    Role.MODERATOR: RoomEnd.MODERATOR,\n",
    ),
    Mutant(
        "the host of another room",
        "rules",
        "actor.role in STAFF and (actor.role is not Role.HOST or _is_host(room, actor))",
        "actor.role in STAFF",
    ),
    Mutant(
        "another host goes live",
        "rules",
        "    _need(_is_host(room, actor), ErrorCode.FORBIDDEN)\n    _need(room.status is not RoomStatus.LIVE",
        "    _need(actor.role is Role.HOST, ErrorCode.FORBIDDEN)\n    _need(room.status is not RoomStatus.LIVE",
    ),
    Mutant(
        "anybody takes anybody off",
        "rules",
        "    _need(_is_staff(room, actor), ErrorCode.FORBIDDEN)\n    connection = replace(_guest",
        "    connection = replace(_guest",
    ),
    Mutant(
        "anybody locks anybody",
        "rules",
        "    _need(_is_staff(room, actor), ErrorCode.FORBIDDEN)\n    connection = _guest",
        "    connection = _guest",
    ),
    Mutant("anybody plays the clock", "rules", "    _need(actor.role in OURSELVES, ErrorCode.FORBIDDEN)\n", ""),
    Mutant(
        "the host leaves and the show runs on",
        "rules",
        "    _need(not _is_host(room, actor), ErrorCode.FORBIDDEN)\n",
        "",
    ),
    Mutant("the host applies", "rules", "actor.role in (Role.AUDIENCE, Role.MODERATOR)", "actor.role is not Role.HOST"),
    Mutant(
        "a lifted lock opens the device",
        "rules",
        "DeviceState.LOCKED if command.is_locked else DeviceState.CLOSED",
        "DeviceState.LOCKED if command.is_locked else DeviceState.OPEN",
    ),
    Mutant(
        "a locked device opens",
        "rules",
        "        _need(connection.device(command.device) is not DeviceState.LOCKED, ErrorCode.DEVICE_LOCKED)\n",
        "",
    ),
    Mutant(
        "closing lifts a lock",
        "rules",
        "    elif connection.device(command.device) is DeviceState.OPEN:\n",
        "    else:\n",
    ),
    Mutant(
        "a camera on a seat for sound",
        "rules",
        "is_sound or connection.media is LinkMedia.VIDEO, ErrorCode.AUDIO_ONLY",
        "True, ErrorCode.AUDIO_ONLY",
    ),
    Mutant(
        "the other device",
        "rules",
        "    if device is Device.MICROPHONE:\n        return replace(connection, microphone",
        "    if device is Device.CAMERA:\n        return replace(connection, microphone",
    ),
    Mutant(
        "locking a closed device unlocks nothing",
        "rules",
        "if is_locked == command.is_locked:",
        "if is_locked and command.is_locked:",
    ),
    Mutant(
        "an ended room goes live again",
        "rules",
        "    _need(room.status is not RoomStatus.ENDED, ErrorCode.ROOM_ENDED)\n"
        "    room = replace(room, status=RoomStatus.LIVE",
        "    room = replace(room, status=RoomStatus.LIVE",
    ),
    Mutant(
        "ended twice",
        "rules",
        "    _need(room.status is not RoomStatus.ENDED, ErrorCode.ROOM_ENDED)\n    return dismiss",
        "    return dismiss",
    ),
    Mutant(
        "applying before the show",
        "rules",
        "    _need(room.status is RoomStatus.LIVE, ErrorCode.ROOM_NOT_LIVE)\n",
        "",
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
    Mutant(
        "the guest is not told who locked",
        "rules",
        "    return Outcome(room=room.put_connection(connection), moments=(moment,), connection=connection)",
        "    return Outcome(room=room.put_connection(connection), connection=connection)",
    ),
)
