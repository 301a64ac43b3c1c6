"""The door: `perform` is the only way in which a room changes, for browsers, admin, commands, clock and media alike."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from threading import Lock
from weakref import WeakValueDictionary

import msgspec
from django.db import transaction
from msgspec.structs import replace

from micconnect import hub, invitelinks, presence, store
from micconnect.domain import views
from micconnect.domain.internal import AnyCommand, command_fields, command_name
from micconnect.domain.notices import notices
from micconnect.domain.outcome import Outcome, Refused
from micconnect.domain.room import Actor, Person, RoomState
from micconnect.domain.rules import decide
from micconnect.models import LogEntry, Room
from micconnect.outages import AWAY, log
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.commands import NAMING, Apply, BanUser, BarUser, TakeSeat, UseInviteLink
from micconnect.protocol.frames import Reply
from micconnect.protocol.views import Result, error_info
from micconnect.protocol.words import Role
from micconnect.roomhub import Change

encoder = msgspec.json.Encoder()
replies = msgspec.json.Decoder(Reply)

EMPTY = Result()
FindPerson = Callable[[str, str], Person | None]

SERVER = Actor(person=Person(user_id="server", name="server"), role=Role.SERVER)
CLOCK = Actor(person=Person(user_id="clock", name="clock"), role=Role.CLOCK)
MEDIA = Actor(person=Person(user_id="media", name="media server"), role=Role.MEDIA)


class _Turn:
    """A room's turn in this process: threads queue here, not at the database, and tell in the order of commits."""

    def __init__(self) -> None:
        self.lock = Lock()


_turns: WeakValueDictionary[str, _Turn] = WeakValueDictionary()
_turns_lock = Lock()


def _turn(slug: str) -> _Turn:
    with _turns_lock:
        return _turns.setdefault(slug, _Turn())


def perform(
    slug: str,
    actor: Actor,
    command: AnyCommand,
    now: datetime,
    *,
    ref: str = "",
    find_person: FindPerson | None = None,
) -> Reply:
    """Carries out one command, durably, and tells everybody concerned after the commit.

    Returns the reply: `error` is set when the command was refused (nothing changed) or the database was busy
    (`TRY_LATER`, nothing changed). The same `ref` of the same person gives the answer of the first time.
    Synchronous; call it in a thread from async code. `find_person(slug, user_id)` tells who is in the room.
    """
    turn = _turn(slug)
    with turn.lock:
        try:
            return _perform(slug, actor, command, now, ref, find_person or _find_person)
        except store.NoRoom:
            return Reply(ref=ref or None, seq=0, error=error_info(ErrorCode.NO_ROOM))
        except AWAY as error:
            log.tell(f"{command_name(command)} in room {slug} was not done", error)
            store.cache.drop(slug)
            return Reply(ref=ref or None, seq=0, error=error_info(ErrorCode.TRY_LATER))
        except BaseException:
            store.cache.drop(slug)
            raise


def _find_person(slug: str, user_id: str) -> Person | None:
    """Who holds the sockets knows; the rows, which come later, are for processes that hold none."""
    return hub.find_person(slug, user_id) if hub.is_serving() else presence.find_person(slug, user_id)


def _perform(slug: str, actor: Actor, command: AnyCommand, now: datetime, ref: str, find_person: FindPerson) -> Reply:
    with transaction.atomic():
        row, before = store.lock(slug)
        if ref and (answered := _answered(row, actor, ref)):
            return answered
        room = before
        if isinstance(command, NAMING):
            who = find_person(slug, command.user_id)
            if who is None and isinstance(command, BarUser | BanUser):  # also those who have just closed the window
                who = presence.last_seen(slug, command.user_id)
            room = replace(before, invitee=who)
        try:
            outcome = decide(room, _proven(before, actor, command), command, now)
        except Refused as refused:
            return _refusal(before, refused, ref)
        reply = _reply(outcome, ref)
        if outcome.room.seq == before.seq:
            return reply
        told = notices(before, outcome)
        store.save(row, before, outcome.room, now)
        if outcome.spent:
            store.spend(row, outcome.spent)
        as_whom = replace(actor, role=before.role_of(actor))
        encoded = encoder.encode(told)
        _log(row, as_whom, command, now, ref, reply, encoded, outcome.room.seq)
        transaction.on_commit(partial(_tell, Change(room=outcome.room, notices=told, at=now, size=len(encoded))))
    return reply


def _proven(room: RoomState, actor: Actor, command: AnyCommand) -> Actor:
    """The actor with what only this door can prove, looked up for the few commands whose rules ask for it."""
    if isinstance(command, Apply | TakeSeat) and room.options.min_stay_s:
        seen = [presence.first_seen(room.slug, user_id) for user_id in (actor.user_id, actor.was) if user_id]
        return replace(actor, since=min((at for at in seen if at), default=None))
    if isinstance(command, UseInviteLink):
        return replace(actor, link=invitelinks.read_token(room.slug, command.token))
    return actor


def _tell(change: Change) -> None:
    store.cache.put(change.room)
    hub.publish(change)


def _answered(row: Room, actor: Actor, ref: str) -> Reply | None:
    answers = (
        LogEntry.objects.filter(room=row, actor_id=actor.user_id, ref=ref).order_by().values_list("reply", flat=True)
    )
    return next((replies.decode(bytes(answer)) for answer in answers[:1]), None)


def _reply(outcome: Outcome, ref: str) -> Reply:
    room = outcome.room
    result = Result(
        request=views.request_info(room, outcome.request) if outcome.request else None,
        connection=views.connected_user(room, outcome.connection) if outcome.connection else None,
        accepted=None if outcome.accepted is None else tuple(views.request_info(room, r) for r in outcome.accepted),
        left=outcome.left,
        link=views.link_info(outcome.link) if outcome.link else None,
        sanction=views.sanction_info(outcome.sanction) if outcome.sanction else None,
    )
    return Reply(ref=ref or None, seq=room.seq, result=result if result != EMPTY else None)


def _refusal(room: RoomState, refused: Refused, ref: str) -> Reply:
    result = Result(request=views.request_info(room, refused.request)) if refused.request else None
    error = error_info(refused.code, refused.details)
    return Reply(ref=ref or None, seq=room.seq, result=result, error=error)


def _log(
    row: Room,
    actor: Actor,
    command: AnyCommand,
    now: datetime,
    ref: str,
    reply: Reply,
    told: bytes,
    seq: int,
) -> None:
    LogEntry.objects.bulk_create(
        [
            LogEntry(
                room=row,
                seq=seq,
                at=now,
                actor_role=actor.role,
                actor_id=actor.user_id,
                actor_name=actor.person.name,
                command=command_name(command),
                fields=command_fields(command),
                ref=ref or None,
                reply=encoder.encode(reply),
                notices=told,
            )
        ]
    )
