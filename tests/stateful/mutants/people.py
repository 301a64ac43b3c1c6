"""Planted defects in devices, helpers, bars and bans."""

from tests.stateful.planted import Mutant

DEVICES = (
    Mutant(
        "a camera on a seat for sound",
        "devices",
        "needs.need(is_sound or connection.media is LinkMedia.VIDEO, ErrorCode.AUDIO_ONLY)",
        "pass",
    ),
    Mutant(
        "a locked device opens",
        "devices",
        "if room.device_state(connection, device) is DeviceState.LOCKED:\n        raise",
        "if False:\n        raise",
    ),
    Mutant(
        "only the lock of the person counts",
        "devices",
        "if room.device_state(connection, device) is DeviceState.LOCKED:\n        raise",
        "if device in room.locked(connection.person.user_id):\n        raise",
    ),
    Mutant("two screens", "devices", "        _need_no_screen(room)\n", "", is_rare=True),
    Mutant(
        "a screen keeps its number",
        "devices",
        "connection = replace(connection, screen_number=room.last_number)",
        "connection = replace(connection, screen_number=connection.screen_number or room.last_number)",
    ),
    Mutant(
        "a screen that is open already gets a new number",
        "devices",
        "if device is Device.SCREEN and connection.screen is not DeviceState.OPEN:",
        "if device is Device.SCREEN:",
    ),
    Mutant(
        "asked for what is open",
        "devices",
        "asked = None if connection.asked is device else connection.asked",
        "asked = connection.asked",
    ),
    Mutant(
        "anybody locks anybody",
        "devices",
        "    needs.need_staff(room, actor)\n    needs.need_not_ended(room)\n    needs.need(command.user_id !=",
        "    needs.need_not_ended(room)\n    needs.need(command.user_id !=",
    ),
    Mutant(
        "all but the first are locked",
        "devices",
        "for guest in room.guests():\n        room, told",
        "for guest in room.guests()[1:]:\n        room, told",
    ),
    Mutant(
        "the host is locked with all",
        "devices",
        "for guest in room.guests():\n        room, told",
        "for guest in room.connections:\n        room, told",
    ),
    Mutant(
        "locked once more is a change",
        "devices",
        "    if (device in member.locked()) == is_locked:\n        return room, []\n",
        "",
    ),
    Mutant(
        "a lifted lock opens the device",
        "devices",
        "after.put_connection(obey_locks(after, connection))",
        "after.put_connection(connection.with_device(device, DeviceState.OPEN))",
    ),
    Mutant(
        "a lock leaves the device open",
        "devices",
        "after.put_connection(obey_locks(after, connection))",
        "after.put_connection(connection)",
    ),
    Mutant(
        "told though the lock of the seat stands",
        "devices",
        "if room.seats[connection.seat_index].locks(device):",
        "if False:",
    ),
    Mutant("the guest is not told who locked", "devices", "return after, [Dev", "return after, [] and [Dev"),
    Mutant(
        "screens are asked for",
        "devices",
        "    needs.need(command.device is not Device.SCREEN, ErrorCode.FORBIDDEN)\n    return _ask",
        "    return _ask",
    ),
    Mutant(
        "asked though open",
        "devices",
        "    if room.device_state(connection, device) is DeviceState.OPEN:\n"
        "        return Outcome(room=room, connection=connection)\n",
        "",
    ),
    Mutant(
        "asking lifts no lock",
        "devices",
        "room, moments = _set_lock(room, connection.person, device, operator, is_locked=False)",
        "moments: list[Moment] = []",
    ),
    Mutant(
        "asking opens the device",
        "devices",
        "replace(connection, asked=device, asked_at=now))",
        "replace(connection.with_device(device, DeviceState.OPEN), asked_at=now))",
    ),
    Mutant(
        "a picture is asked of a seat for sound",
        "devices",
        "    _need_openable(room, connection, device)\n    asked",
        "    asked",
    ),
    Mutant(
        "asked without a word", "devices", "moments=(*moments, asked), connection", "moments=tuple(moments), connection"
    ),
    Mutant(
        "asking for what is not locked",
        "devices",
        "if not is_locked or connection.asks is command.device:",
        "if connection.asks is command.device:",
    ),
    Mutant(
        "taking back what was not asked",
        "devices",
        "asks=None if connection.asks is command.device else connection.asks)",
        "asks=None)",
    ),
)

PEOPLE = (
    Mutant("links outlive the right to make them", "people", " if link.operator.user_id != user_id", ""),
    Mutant(
        "helpers make helpers", "people", "    needs.need_owner(room, actor)\n", "    needs.need_staff(room, actor)\n"
    ),
    Mutant(
        "the host becomes a helper",
        "people",
        "    needs.need(command.user_id != room.host.user_id, ErrorCode.FORBIDDEN)\n",
        "",
    ),
    Mutant(
        "a banned helper", "people", "        needs.need_not_banned(room, command.user_id, now)\n", "        pass\n"
    ),
    Mutant(
        "one helper too many",
        "people",
        "len(room.moderators()) >= MODERATORS_MAX",
        "len(room.moderators()) > MODERATORS_MAX",
    ),
    Mutant(
        "nobody can be ended when there are many",
        "people",
        "if command.is_moderator and len(room.moderators())",
        "if len(room.moderators())",
    ),
    Mutant(
        "a helper is never here",
        "people",
        "is_here = command.is_moderator and room.invitee == person",
        "is_here = False",
    ),
    Mutant(
        "a helper is always here",
        "people",
        "is_here = command.is_moderator and room.invitee == person",
        "is_here = command.is_moderator",
    ),
    Mutant("bars after the end", "people", "    needs.need_not_ended(room)\n", "", near="show"),
    Mutant(
        "anybody bars anybody",
        "people",
        "    needs.need_staff(room, actor)\n    needs.need_not_ended(room)\n",
        "    needs.need_not_ended(room)\n",
    ),
    Mutant(
        "who is absent cannot be barred",
        "people",
        "    needs.need_not_ended(room)\n    person = needs.somebody(room",
        "    needs.need_not_ended(room)\n    person = needs.present(room",
    ),
    Mutant(
        "the host is barred",
        "people",
        "person.user_id not in (room.host.user_id, actor.user_id)",
        "person.user_id != actor.user_id",
    ),
    Mutant(
        "helpers bar themselves",
        "people",
        "person.user_id not in (room.host.user_id, actor.user_id)",
        "person.user_id != room.host.user_id",
    ),
    Mutant(
        "helpers bar helpers",
        "people",
        "    needs.need(not is_helper or actor.role in needs.OWNERS, ErrorCode.FORBIDDEN)\n",
        "",
    ),
    Mutant("nobody bars helpers", "people", "not is_helper or actor.role in needs.OWNERS", "not is_helper"),
    Mutant(
        "one sanction too many", "people", "len(room.sanctions) >= SANCTIONS_MAX", "len(room.sanctions) > SANCTIONS_MAX"
    ),
    Mutant(
        "a new word needs a new place", "people", "if former is None and len(room.sanctions)", "if len(room.sanctions)"
    ),
    Mutant("two bars of one person", "people", "        room = room.drop_sanction(former)\n", "        pass\n"),
    Mutant("a bar lifts a ban", "people", "== (person.user_id, kind)), None)", "== (person.user_id, s.kind)), None)"),
    Mutant(
        "a bar for ever",
        "people",
        "until=now + timedelta(seconds=command.seconds) if command.seconds else None",
        "until=None",
    ),
    Mutant(
        "barred, and waiting still",
        "people",
        "room, moments = void_request(room, person.user_id, cause, now, operator=actor.person)",
        "moments = []",
    ),
    Mutant(
        "barred, and on air still",
        "people",
        "        moments.append(gone)\n    if kind",
        "        moments.append(gone)\n        room = room.put_connection(connection)\n    if kind",
    ),
    Mutant(
        "barred without a reason",
        "people",
        "connection = replace(connection, reason=command.reason, note=command.note)",
        "pass",
    ),
    Mutant(
        "a banned helper helps again after the ban",
        "people",
        "    if kind is SanctionKind.ROOM_BAN:\n",
        "    if False:\n",
    ),
    Mutant("a barred helper is none any more", "people", "    if kind is SanctionKind.ROOM_BAN:\n", "    if True:\n"),
    Mutant("a ban is not told", "people", "(*moments, SanctionMade(sanction=sanction))", "(*moments,)"),
    Mutant("the barred lift their own bar", "people", "    _need_may_sanction(room, actor, sanction.person)\n", ""),
    Mutant(
        "anybody lifts a bar", "people", "    needs.need_staff(room, actor)\n    sanction = next", "    sanction = next"
    ),
    Mutant("a bar is lifted silently", "people", "        moments.append(SanctionEnded(sanction=one))\n", ""),
    Mutant("appeals without end", "people", "    needs.need(not bar.appeal, ErrorCode.ALREADY_APPEALED)\n", ""),
    Mutant(
        "a ban is appealed as a bar",
        "people",
        "bar = room.sanction(actor.user_id, SanctionKind.MIC_BAR, now)",
        "bar = room.sanction(actor.user_id, SanctionKind.ROOM_BAN, now)",
    ),
    Mutant("an appeal nobody hears", "people", "bar = replace(bar, appeal=command.note)", "pass", is_rare=True),
)
