"""What would be shed by leaving and coming back."""

from tests.stateful.planted import Mutant

LASTING = (
    Mutant("a lock of the person does not count", "room", " or device in self.locked(connection.person.user_id)", ""),
    Mutant(
        "a lock is forgotten at the end of a turn",
        "transitions",
        "member = room.known(ended.person)\n        left_s",
        "member = replace(room.known(ended.person), is_microphone_locked=False)\n        left_s",
        near="lasting",
    ),
    Mutant(
        "a lock is forgotten at the next turn",
        "transitions",
        "    member = room.known(person)\n    if is_given:",
        "    member = replace(room.known(person), is_camera_locked=False)\n    if is_given:",
        near="lasting",
    ),
    Mutant(
        "who sits down is heard in spite of a lock",
        "transitions",
        "settle(room, obey_locks(room, connection), now)",
        "settle(room, connection, now)",
        near="lasting",
    ),
    Mutant(
        "locks are for those on a seat",
        "devices",
        "person = needs.somebody(room, command.user_id)",
        "person = needs.guest(room, command.user_id).person",
        near="lasting",
    ),
    Mutant(
        "the host is locked",
        "devices",
        "    needs.need(command.user_id != room.host.user_id, ErrorCode.FORBIDDEN)\n",
        "",
    ),
    Mutant(
        "locked after the show",
        "devices",
        "    needs.need_not_ended(room)\n    needs.need(command.user_id",
        "    needs.need(command.user_id",
        near="after the show",
    ),
    Mutant("the queue shows no locks", "views", "locked=room.locked(request.person.user_id),", "", near="lasting"),
    Mutant(
        "the person is not told of a lock", "views", "locked=member.locked() if member else (),", "", near="lasting"
    ),
    Mutant(
        "a limit ends with the turn",
        "seating",
        "    room = room.put_member(replace(room.known(connection.person), limit_s=command.seconds))\n",
        "",
    ),
    Mutant(
        "leaving gives the whole time again",
        "transitions",
        "left_s = _left_s(connection, now) if member.limit_s and reason in OWN_GOING else 0",
        "left_s = 0",
        near="lasting",
    ),
    Mutant(
        "what is left stays for good",
        "transitions",
        "turns=member.turns + 1, left_s=0)",
        "turns=member.turns + 1)",
        near="lasting",
    ),
    Mutant(
        "a rest of a second",
        "transitions",
        "max(int(left.total_seconds()), TIME_LIMIT_MIN_S)",
        "int(left.total_seconds())",
        is_rare=True,
    ),
    Mutant(
        "a given turn has only the rest",
        "transitions",
        "left_s=0, is_backstage=False, is_held=False)",
        "is_backstage=False, is_held=False)",
        near="lasting",
    ),
    Mutant(
        "onto the stage by sitting down again",
        "transitions",
        "(room.options.has_backstage or member.is_backstage)",
        "room.options.has_backstage",
        near="behind",
    ),
    Mutant("held for ever", "transitions", "is_backstage=False, is_held=False)", "is_backstage=False)", near="lasting"),
    Mutant(
        "the room gives turns as the staff does",
        "queue",
        "operator, now, is_given=with_held)",
        "operator, now)",
        near="lasting",
    ),
    Mutant(
        "whoever was returned sits down",
        "seating",
        "        needs.need_not_held(room, actor.user_id)\n",
        "",
        near="lasting",
    ),
    Mutant(
        "whoever was returned follows a link",
        "inviting",
        "        needs.need_not_held(room, actor.user_id)\n",
        "        pass\n",
        near="lasting",
    ),
    Mutant("asking anew ends the hold", "asking", "is_held=member.is_held", "is_held=False", near="lasting"),
    Mutant("a link gives more turns", "inviting", "    need_turns(room, actor)\n", "", near="lasting"),
    Mutant(
        "cool-down of 9 s",
        "transitions",
        "RequestState.CANCELLED: timedelta(seconds=10)",
        "RequestState.CANCELLED: timedelta(seconds=9)",
        near="asking",
    ),
    Mutant(
        "no cool-down after a no", "transitions", ", RequestState.REJECTED: timedelta(seconds=30)", "", near="asking"
    ),
    Mutant(
        "cool-down after a declined invitation",
        "transitions",
        "    if ended.kind is RequestKind.APPLICATION:\n",
        "    if True:\n",
        near="invitations",
    ),
    Mutant(
        "every end counts as a refusal", "transitions", "if state is RequestState.REJECTED:", "if True:", near="asking"
    ),
    Mutant(
        "the cool-down is shed by leaving",
        "show",
        "if request and request.kind is RequestKind.APPLICATION:",
        "if False:",
        near="lasting",
    ),
)
