"""Planted defects in invitations, links, seats and the stage."""

from tests.stateful.planted import Mutant

INVITING = (
    Mutant("a guest is invited", "inviting", "    needs.need_free_person(room, command.user_id)\n", ""),
    Mutant(
        "the barred are invited",
        "inviting",
        "    needs.need_not_barred(room, command.user_id, now)\n",
        "",
        near="people",
    ),
    Mutant("invitations without limit", "inviting", "len(room.requests) < PENDING_MAX", "len(room.requests) < 999"),
    Mutant(
        "invited when closed", "inviting", "if room.options.seat_mode is SeatMode.CLOSED:", "if False:", is_rare=True
    ),
    Mutant(
        "invited only in the mode of that name",
        "inviting",
        "if room.options.seat_mode is SeatMode.CLOSED:",
        "if room.options.seat_mode is not SeatMode.INVITE_ONLY:",
    ),
    Mutant(
        "the media server's pictures are promised",
        "inviting",
        "media=needs.allowed_media(room, command.media),\n        note",
        "media=command.media,\n        note",
    ),
    Mutant(
        "invited to a seat that there is not",
        "inviting",
        "        needs.need_unlocked(room, command.seat_index)\n",
        "        pass\n",
    ),
    Mutant(
        "somebody else's invitation",
        "inviting",
        "if known is None or known.person.user_id != actor.user_id:",
        "if known is None:",
    ),
    Mutant(
        "the wish for sound is ignored",
        "inviting",
        "needs.allowed_media(room, request.media, command.media)",
        "needs.allowed_media(room, request.media)",
    ),
    Mutant(
        "the offered seat or none",
        "inviting",
        "wanted = request.seat_index if request.seat_index in room.free_seats() else ANY_SEAT",
        "wanted = request.seat_index",
    ),
    Mutant(
        "the offered seat is forgotten",
        "inviting",
        "wanted = request.seat_index if request.seat_index in room.free_seats() else ANY_SEAT",
        "wanted = ANY_SEAT",
    ),
    Mutant(
        "withdrawn by nobody",
        "inviting",
        "RequestState.CANCELLED, now, operator=actor.person)",
        "RequestState.CANCELLED, now)",
    ),
    Mutant(
        "one link too many",
        "inviting",
        "if len(room.links) >= INVITE_LINKS_MAX:",
        "if len(room.links) > INVITE_LINKS_MAX:",
    ),
    Mutant("expired links take the place of new ones", "inviting", "if link.expires_at > now)", ")"),
    Mutant(
        "a link is withdrawn by anybody",
        "inviting",
        "    needs.need_staff(room, actor)\n    link = next",
        "    link = next",
    ),
    Mutant(
        "a withdrawn link still seats",
        "inviting",
        "return Outcome(room=room.drop_link(link), link=link)",
        "return Outcome(room=room, link=link)",
    ),
    Mutant(
        "a link of yesterday",
        "inviting",
        "if x.number == actor.link and x.expires_at > now",
        "if x.number == actor.link and x.expires_at >= now",
    ),
    Mutant("any link will do", "inviting", "if x.number == actor.link and", "if"),
    Mutant(
        "a link for the barred", "inviting", "    needs.need_not_barred(room, actor.user_id, now)\n", "", near="people"
    ),
    Mutant("a link for those on air", "inviting", "    needs.need_off_seat(room, actor.user_id)\n", ""),
    Mutant("a link without end", "inviting", "is_last = link.uses_left == 1", "is_last = False"),
    Mutant("a link is used up at once", "inviting", "is_last = link.uses_left == 1", "is_last = True"),
    Mutant(
        "a link costs nothing", "inviting", "uses_left=link.uses_left - 1", "uses_left=link.uses_left", is_rare=True
    ),
    Mutant(
        "seated by a link, and waiting still",
        "inviting",
        "room, moments = void_request(room, actor.user_id, VoidCause.SEATED, now)",
        "moments = ()",
        is_rare=True,
    ),
    Mutant(
        "a link brings more than it says",
        "inviting",
        "needs.allowed_media(room, link.media, command.media)",
        "needs.allowed_media(room, command.media)",
    ),
)

SEATING = (
    Mutant(
        "the audience sits down in every mode",
        "seating",
        "        need_mode(room, SeatMode.FREE)\n",
        "        pass\n",
        near="show",
    ),
    Mutant("helpers obey the mode", "seating", "    if actor.role is Role.AUDIENCE:\n", "    if True:\n", near="show"),
    Mutant(
        "the barred sit down", "seating", "    needs.need_not_barred(room, actor.user_id, now)\n", "", near="people"
    ),
    Mutant(
        "sitting down needs nothing", "seating", "    need_eligible(room, actor, command.media, now)\n", "", near="show"
    ),
    Mutant(
        "the wished seat is any seat",
        "seating",
        "need_eligible(room, actor, command.media, now)\n    seat_index = needs.pick_seat(room, command.seat_index)",
        "need_eligible(room, actor, command.media, now)\n    seat_index = needs.pick_seat(room, ANY_SEAT)",
        near="show",
    ),
    Mutant(
        "sits, and waits still",
        "seating",
        "room, moments = void_request(room, actor.user_id, VoidCause.SEATED, now)",
        "moments = ()",
        near="show",
    ),
    Mutant(
        "the host sits twice",
        "seating",
        "        needs.need(room.connection_of(actor.user_id) is None, ErrorCode.ALREADY_ON_SEAT)\n",
        "",
    ),
    Mutant(
        "the host takes any seat",
        "seating",
        "        needs.need(command.seat_index in (ANY_SEAT, HOST_SEAT), ErrorCode.NO_SUCH_SEAT)\n",
        "",
    ),
    Mutant("the host leaves the kept seat", "seating", "    needs.need(not is_bound, ErrorCode.FORBIDDEN)\n", ""),
    Mutant(
        "the host may never leave the seat",
        "seating",
        "connection.seat_index == HOST_SEAT and room.options.keep_owner_on_seat",
        "connection.seat_index == HOST_SEAT",
    ),
    Mutant("anybody moves anybody", "seating", "    if not is_own:\n        needs.need_staff(room, actor)\n", ""),
    Mutant(
        "guests push others off",
        "seating",
        "if occupant and (is_own or command.policy is MovePolicy.ABORT):",
        "if occupant and command.policy is MovePolicy.ABORT:",
    ),
    Mutant(
        "abort swaps",
        "seating",
        "if occupant and (is_own or command.policy is MovePolicy.ABORT):",
        "if occupant and is_own:",
    ),
    Mutant(
        "replace swaps", "seating", "if occupant and command.policy is MovePolicy.REPLACE:", "if False:", is_rare=True
    ),
    Mutant(
        "swap replaces",
        "seating",
        "if occupant and command.policy is MovePolicy.REPLACE:",
        "if occupant:",
        is_rare=True,
    ),
    Mutant(
        "moved to a locked seat",
        "seating",
        "    needs.need_unlocked(room, command.seat_index)\n    occupant",
        "    needs.need_seat(room, command.seat_index)\n    occupant",
        is_rare=True,
    ),
    Mutant(
        "moved past the locks of the seat",
        "seating",
        "room.put_connection(obey_locks(room, replace(connection, seat_index=seat_index)))",
        "room.put_connection(replace(connection, seat_index=seat_index))",
        is_rare=True,
    ),
    Mutant(
        "replaced by nobody",
        "seating",
        "ConnectionEnd.REPLACED, now, operator=actor.person)",
        "ConnectionEnd.REPLACED, now)",
        is_rare=True,
    ),
    Mutant(
        "the barred are placed", "seating", "    needs.need_not_barred(room, command.user_id, now)\n", "", near="people"
    ),
    Mutant(
        "the host is placed",
        "seating",
        "    needs.need_off_seat(room, command.user_id)\n",
        "    needs.need(room.connection_of(command.user_id) is None, ErrorCode.ALREADY_ON_SEAT)\n",
    ),
    Mutant("placed with open devices", "seating", 'window="", entry=Entry.CLOSED, is_given', 'window="", is_given'),
    Mutant(
        "the absent are placed",
        "seating",
        "person = needs.present(room, command.user_id)",
        "person = needs.somebody(room, command.user_id)",
    ),
    Mutant(
        "placed, and waiting still",
        "seating",
        "room, moments = void_request(room, command.user_id, VoidCause.SEATED, now, operator=actor.person)",
        "moments = ()",
    ),
    Mutant("taken off looks like left", "seating", "ConnectionEnd.TERMINATED", "ConnectionEnd.EXITED"),
    Mutant("taken off without a reason", "seating", "reason=command.reason, note=command.note)", "note=command.note)"),
    Mutant(
        "returned with a time-out",
        "seating",
        "timeout_s=0,",
        "timeout_s=None,",
    ),
    Mutant(
        "returned and accepted by the room at once",
        "seating",
        "room.known(connection.person), is_held=True",
        "room.known(connection.person)",
        near="show",
    ),
    Mutant(
        "returned without a line, as if there was one",
        "seating",
        "gone_at = None if connection.has_socket else now",
        "gone_at = None",
    ),
    Mutant(
        "the host's seat is locked",
        "seating",
        "    needs.need_not_ended(room)\n    needs.need_seat(room, command.seat_index)\n",
        "    needs.need_not_ended(room)\n",
    ),
    Mutant(
        "seats are locked after the end",
        "seating",
        "    needs.need_not_ended(room)\n    needs.need_seat",
        "    needs.need_seat",
        near="show",
    ),
    Mutant(
        "one lock lifts the others",
        "seating",
        "for name, value in given.items() if value is not None})\n    moments",
        "for name, value in given.items()})\n    moments",
    ),
    Mutant("a guest on a locked seat", "seating", "if occupant and new.is_locked:", "if False:"),
    Mutant(
        "a lock of the seat leaves the device open",
        "seating",
        "sitting = obey_locks(after, occupant)",
        "sitting = occupant",
    ),
    Mutant(
        "a lock of the seat that the guest does not hear of",
        "seating",
        "            if device in were ^ are\n",
        "            if False\n",
    ),
    Mutant(
        "told of a lock that was there before",
        "seating",
        "            if device in were ^ are\n",
        "            if device in are\n",
    ),
    Mutant(
        "a spotlight behind the stage",
        "seating",
        "        needs.need(not needs.on_air(room, command.user_id).is_backstage, ErrorCode.NOT_READY)\n",
        "        needs.on_air(room, command.user_id)\n",
    ),
    Mutant(
        "a spotlight on nobody",
        "seating",
        "    if command.user_id is not None:\n",
        "    if command.user_id is not None and room.connection_of(command.user_id):\n",
    ),
    Mutant(
        "anybody turns the spotlight",
        "seating",
        "    needs.need_staff(room, actor)\n    if command.user_id is not None:",
        "    if command.user_id is not None:",
        near="people",
    ),
    Mutant(
        "the limit runs before the stage",
        "seating",
        "is_running = connection.aired_at is not None and command.seconds",
        "is_running = command.seconds",
    ),
    Mutant(
        "a lifted limit runs on",
        "seating",
        "limit_s=command.seconds, ends_at=ends_at)",
        "limit_s=command.seconds, ends_at=ends_at or connection.ends_at)",
        is_rare=True,
    ),
    Mutant(
        "the limit counts from the beginning",
        "seating",
        "ends_at = now + timedelta(seconds=command.seconds)",
        "ends_at = (connection.aired_at or now) + timedelta(seconds=command.seconds)",
        is_rare=True,
    ),
    Mutant(
        "behind the stage, the time goes on",
        "seating",
        "connection = replace(unair(connection, now), is_backstage=True",
        "connection = replace(connection, is_backstage=True",
        is_rare=True,
    ),
    Mutant("checked once, ready for ever", "seating", "is_backstage=True, is_ready=False)", "is_backstage=True)"),
    Mutant(
        "the spotlight follows behind the stage",
        "seating",
        "        if room.spotlight == command.user_id:\n            room = replace(room, spotlight=None)\n",
        "",
    ),
    Mutant(
        "on the stage without the check",
        "seating",
        "        needs.need(connection.is_ready, ErrorCode.NOT_READY)\n",
        "",
    ),
    Mutant(
        "on the stage, and the time does not begin",
        "seating",
        "connection = settle(room, replace(connection, is_backstage=False), now)",
        "connection = replace(connection, is_backstage=False)",
    ),
    Mutant(
        "ready on the stage",
        "seating",
        "    if connection.is_backstage:\n        connection = replace(connection, is_ready",
        "    if True:\n        connection = replace(connection, is_ready",
    ),
)
