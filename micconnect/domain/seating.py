"""On, between and off the seats, their locks, the stage and what is behind it."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from micconnect.domain import needs
from micconnect.domain.asking import add_application, need_eligible, need_mode
from micconnect.domain.outcome import DeviceLockChanged, Moment, Outcome, Refused, Rules
from micconnect.domain.room import HOST_SEAT, Actor, Connection, RoomState, Seat
from micconnect.domain.transitions import end_connection, obey_locks, seat, settle, stall, unair, void_request
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import (
    ANY_SEAT,
    PENDING_MAX,
    ConnectionEnd,
    Device,
    DeviceState,
    Entry,
    MovePolicy,
    Role,
    SeatMode,
    VoidCause,
)


def take_seat(room: RoomState, actor: Actor, command: c.TakeSeat, now: datetime) -> Outcome:
    """Sitting down without asking: the audience where seats are free to take, helpers anywhere, the host on seat 0."""
    needs.need_live(room)
    if needs.is_host(room, actor):
        needs.need(command.seat_index in (ANY_SEAT, HOST_SEAT), ErrorCode.NO_SUCH_SEAT)
        needs.need(room.connection_of(actor.user_id) is None, ErrorCode.ALREADY_ON_SEAT)
        return seat(room, actor.person, HOST_SEAT, command.media, now, window=actor.window, entry=command.entry)
    needs.need(actor.role in (Role.AUDIENCE, Role.MODERATOR), ErrorCode.FORBIDDEN)
    needs.need_not_barred(room, actor.user_id, now)
    needs.need_off_seat(room, actor.user_id)
    needs.need_named(room, actor)
    if actor.role is Role.AUDIENCE:
        need_mode(room, SeatMode.FREE)
        needs.need_not_held(room, actor.user_id)
    need_eligible(room, actor, command.media, now)
    seat_index = needs.pick_seat(room, command.seat_index)
    room, moments = void_request(room, actor.user_id, VoidCause.SEATED, now)
    seated = seat(room, actor.person, seat_index, command.media, now, window=actor.window, entry=command.entry)
    return replace(seated, moments=tuple(moments))


def leave_seat(room: RoomState, actor: Actor, command: c.LeaveSeat, now: datetime) -> Outcome:
    """Off the seat, still in the room. The host only where the room does not keep the owner's seat."""
    connection = needs.on_air(room, actor.user_id)
    is_bound = connection.seat_index == HOST_SEAT and room.options.keep_owner_on_seat
    needs.need(not is_bound, ErrorCode.FORBIDDEN)
    room, moment = end_connection(room, connection, ConnectionEnd.EXITED, now)
    return Outcome(room=room, moments=(moment,))


def bring_here(room: RoomState, actor: Actor, command: c.BringHere, now: datetime) -> Outcome:
    """The seat goes over to the window that says so; a grace that runs goes on. The host's own seat, to a studio only.

    What the former window sends ends with its feed, and so does the screen that it shared.
    """
    connection = needs.on_air(room, actor.user_id)
    needs.need(connection.seat_index != HOST_SEAT or needs.is_host(room, actor), ErrorCode.FORBIDDEN)
    if connection.window == actor.window:
        return Outcome(room=room, connection=connection)
    number = room.last_number + 1
    if connection.screen is DeviceState.OPEN:
        connection = connection.with_device(Device.SCREEN, DeviceState.CLOSED)
    connection = replace(connection, window=actor.window, feed_number=number, has_media=False)
    connection = settle(room, stall(connection, (), Device), now)
    return Outcome(room=replace(room, last_number=number).put_connection(connection), connection=connection)


def move_seat(room: RoomState, actor: Actor, command: c.MoveSeat, now: datetime) -> Outcome:
    """Guests move themselves to a free seat; the staff moves anybody, also where somebody sits."""
    user_id = actor.user_id if command.user_id is None else command.user_id
    is_own = user_id == actor.user_id
    if not is_own:
        needs.need_staff(room, actor)
    connection = needs.guest(room, user_id)
    if connection.seat_index == command.seat_index:
        return Outcome(room=room, connection=connection)
    needs.need_unlocked(room, command.seat_index)
    occupant = room.occupant(command.seat_index)
    moments: tuple[Moment, ...] = ()
    if occupant and (is_own or command.policy is MovePolicy.ABORT):
        raise Refused(ErrorCode.SEAT_TAKEN, {"by": occupant.person.name})
    if occupant and command.policy is MovePolicy.REPLACE:
        room, gone = end_connection(room, occupant, ConnectionEnd.REPLACED, now, operator=actor.person)
        moments = (gone,)
    elif occupant:
        room = _move(room, occupant, connection.seat_index)
    room = _move(room, connection, command.seat_index)
    return Outcome(room=room, moments=moments, connection=room.connection(connection.number))


def _move(room: RoomState, connection: Connection, seat_index: int) -> RoomState:
    return room.put_connection(obey_locks(room, replace(connection, seat_index=seat_index)))


def place_user(room: RoomState, actor: Actor, command: c.PlaceUser, now: datetime) -> Outcome:
    """The staff seats somebody, heard and seen only when they open their devices themselves."""
    needs.need_staff(room, actor)
    needs.need_live(room)
    needs.need_not_barred(room, command.user_id, now)
    needs.need_off_seat(room, command.user_id)
    person = needs.present(room, command.user_id)
    seat_index = needs.pick_seat(room, command.seat_index)
    room, moments = void_request(room, command.user_id, VoidCause.SEATED, now, operator=actor.person)
    media = needs.allowed_media(room, command.media)
    placed = seat(room, person, seat_index, media, now, window="", entry=Entry.CLOSED, is_given=True)
    return replace(placed, moments=tuple(moments))


def disconnect_user(room: RoomState, actor: Actor, command: c.DisconnectUser, now: datetime) -> Outcome:
    """The staff takes a guest off air, and says why."""
    needs.need_staff(room, actor)
    connection = replace(needs.guest(room, command.user_id), reason=command.reason, note=command.note)
    room, moment = end_connection(room, connection, ConnectionEnd.TERMINATED, now, operator=actor.person)
    return Outcome(room=room, moments=(moment,))


def return_to_queue(room: RoomState, actor: Actor, command: c.ReturnToQueue, now: datetime) -> Outcome:
    """The staff lets a guest wait for another turn, which a person has to give."""
    needs.need_staff(room, actor)
    connection = replace(needs.guest(room, command.user_id), note=command.note)
    needs.need(len(room.requests) < PENDING_MAX, ErrorCode.QUEUE_FULL)
    room, gone = end_connection(room, connection, ConnectionEnd.RETURNED, now, operator=actor.person)
    room = room.put_member(replace(room.known(connection.person), is_held=True))
    gone_at = None if connection.has_socket else now
    waiting = add_application(
        room,
        connection.person,
        connection.media,
        now,
        window=connection.window,
        timeout_s=0,
        gone_at=gone_at,
    )
    return replace(waiting, moments=(gone, *waiting.moments))


def lock_seat(room: RoomState, actor: Actor, command: c.LockSeat, now: datetime) -> Outcome:
    """Three locks, each by itself, so that two helpers never undo each other's. A locked seat is empty."""
    needs.need_staff(room, actor)
    needs.need_not_ended(room)
    needs.need_seat(room, command.seat_index)
    old = room.seats[command.seat_index]
    given = {name: getattr(command, name) for name in ("is_locked", "is_microphone_locked", "is_camera_locked")}
    new: Seat = replace(old, **{name: value for name, value in given.items() if value is not None})
    moments: list[Moment] = []
    occupant = room.occupant(command.seat_index)
    if occupant and new.is_locked:
        room, gone = end_connection(room, occupant, ConnectionEnd.SEAT_LOCKED, now, operator=actor.person)
        moments.append(gone)
        occupant = None
    after = room.put_seat(new)
    if occupant:
        sitting = obey_locks(after, occupant)
        after = after.put_connection(sitting)
        were, are = _locked(room, occupant), _locked(after, sitting)
        moments += [
            DeviceLockChanged(person=sitting.person, device=device, operator=actor.person, is_locked=device in are)
            for device in Device
            if device in were ^ are
        ]
    return Outcome(room=after, moments=tuple(moments))


def _locked(room: RoomState, connection: Connection) -> set[Device]:
    """The devices that are locked, by the seat or by the staff."""
    return {device for device in Device if room.device_state(connection, device) is DeviceState.LOCKED}


def set_spotlight(room: RoomState, actor: Actor, command: c.SetSpotlight, now: datetime) -> Outcome:
    """Somebody on the stage is shown large."""
    needs.need_staff(room, actor)
    if command.user_id is not None:
        needs.need(not needs.on_air(room, command.user_id).is_backstage, ErrorCode.NOT_READY)
    return Outcome(room=replace(room, spotlight=command.user_id))


def set_time_limit(room: RoomState, actor: Actor, command: c.SetTimeLimit, now: datetime) -> Outcome:
    """The time on the stage ends so many seconds from now, or from the moment the guest is on it.

    The limit is the person's: it goes for the next turns too, until it is lifted.
    """
    needs.need_staff(room, actor)
    connection = needs.guest(room, command.user_id)
    is_running = connection.aired_at is not None and command.seconds
    ends_at = now + timedelta(seconds=command.seconds) if is_running else None
    connection = replace(connection, limit_s=command.seconds, ends_at=ends_at)
    room = room.put_member(replace(room.known(connection.person), limit_s=command.seconds))
    return Outcome(room=room.put_connection(connection), connection=connection)


def set_backstage(room: RoomState, actor: Actor, command: c.SetBackstage, now: datetime) -> Outcome:
    """On the stage, once ready; or behind it, where the devices have to be checked anew.

    Leaving and sitting down again is no way onto the stage.
    """
    needs.need_staff(room, actor)
    connection = needs.guest(room, command.user_id)
    if connection.is_backstage == command.is_backstage:
        return Outcome(room=room, connection=connection)
    if command.is_backstage:
        connection = replace(unair(connection, now), is_backstage=True, is_ready=False)
        if room.spotlight == command.user_id:
            room = replace(room, spotlight=None)
    else:
        needs.need(connection.is_ready, ErrorCode.NOT_READY)
        connection = settle(room, replace(connection, is_backstage=False), now)
    room = room.put_member(replace(room.known(connection.person), is_backstage=command.is_backstage))
    return Outcome(room=room.put_connection(connection), connection=connection)


def set_ready(room: RoomState, actor: Actor, command: c.SetReady, now: datetime) -> Outcome:
    """The guest's own word that the devices work; on the stage there is nothing to say."""
    connection = needs.guest(room, actor.user_id)
    if connection.is_backstage:
        connection = replace(connection, is_ready=command.is_ready)
    return Outcome(room=room.put_connection(connection), connection=connection)


RULES: Rules = {
    c.TakeSeat: take_seat,
    c.LeaveSeat: leave_seat,
    c.BringHere: bring_here,
    c.MoveSeat: move_seat,
    c.PlaceUser: place_user,
    c.DisconnectUser: disconnect_user,
    c.ReturnToQueue: return_to_queue,
    c.LockSeat: lock_seat,
    c.SetSpotlight: set_spotlight,
    c.SetTimeLimit: set_time_limit,
    c.SetBackstage: set_backstage,
    c.SetReady: set_ready,
}
