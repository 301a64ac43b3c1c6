"""Microphones, cameras and screens. Nobody opens another's device: the staff locks, unlocks and asks."""

from contextlib import suppress
from datetime import datetime

from msgspec.structs import replace

from micconnect.domain import needs
from micconnect.domain.outcome import DeviceAsked, DeviceLockChanged, DeviceRequested, Moment, Outcome, Refused, Rules
from micconnect.domain.room import Actor, Connection, Person, RoomState
from micconnect.domain.transitions import obey_locks
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.words import Device, DeviceState, LinkMedia


def set_device(room: RoomState, actor: Actor, command: c.SetDevice, now: datetime) -> Outcome:
    """The owner opens a device in the window on air, or closes it in any. One screen at a time is shared in a room."""
    connection = needs.on_air(room, actor.user_id)
    device = command.device
    is_locked = room.device_state(connection, device) is DeviceState.LOCKED
    shut = tuple(d for d in connection.shut if is_locked or d is not device)  # the owner has a say once it is lifted
    if not command.is_open:
        connection = replace(connection.with_device(device, DeviceState.CLOSED), shut=shut)
        return Outcome(room=room.put_connection(connection), connection=connection)
    needs.need(connection.window == actor.window, ErrorCode.OTHER_WINDOW)
    needs.need_named(room, actor)
    _need_openable(room, connection, device)
    if device is Device.SCREEN and connection.screen is not DeviceState.OPEN:
        _need_no_screen(room)
        room = replace(room, last_number=room.last_number + 1)
        connection = replace(connection, screen_number=room.last_number)
    asked = None if connection.asked is device else connection.asked
    connection = replace(connection.with_device(device, DeviceState.OPEN), asked=asked, shut=shut)
    return Outcome(room=room.put_connection(connection), connection=connection)


def _need_openable(room: RoomState, connection: Connection, device: Device) -> None:
    is_sound = device is Device.MICROPHONE
    needs.need(is_sound or connection.media is LinkMedia.VIDEO, ErrorCode.AUDIO_ONLY)
    if room.device_state(connection, device) is DeviceState.LOCKED:
        raise Refused(ErrorCode.DEVICE_LOCKED, {"device": device.value})


def _need_no_screen(room: RoomState) -> None:
    for connection in room.connections:
        if room.device_state(connection, Device.SCREEN) is DeviceState.OPEN:
            raise Refused(ErrorCode.SCREEN_TAKEN, {"by": connection.person.name})


def lock_device(room: RoomState, actor: Actor, command: c.LockDevice, now: datetime) -> Outcome:
    """The staff mutes and locks in one step, or lifts its lock, which opens nothing.

    The lock is the person's: it stays through every way off and onto seats, and is set and lifted off the seat too.
    """
    needs.need_staff(room, actor)
    needs.need_not_ended(room)
    needs.need(command.user_id != room.host.user_id, ErrorCode.FORBIDDEN)
    person = needs.somebody(room, command.user_id)
    room, moments = _set_lock(room, person, command.device, actor.person, is_locked=command.is_locked)
    return Outcome(room=room, moments=tuple(moments), connection=room.connection_of(command.user_id))


def lock_all(room: RoomState, actor: Actor, command: c.LockAll, now: datetime) -> Outcome:
    """The same for every guest on a seat now; who comes later is not meant, who goes takes the lock along."""
    needs.need_staff(room, actor)
    moments: list[Moment] = []
    for guest in room.guests():
        room, told = _set_lock(room, guest.person, command.device, actor.person, is_locked=command.is_locked)
        moments += told
    return Outcome(room=room, moments=tuple(moments))


def _set_lock(
    room: RoomState, person: Person, device: Device, operator: Person, *, is_locked: bool
) -> tuple[RoomState, list[Moment]]:
    member = room.known(person)
    if (device in member.locked()) == is_locked:
        return room, []
    locked_seq = room.seq + 1 if is_locked else member.locked_seq
    after = room.put_member(replace(member.with_lock(device, is_locked=is_locked), locked_seq=locked_seq))
    if connection := room.connection_of(person.user_id):
        after = after.put_connection(obey_locks(after, connection))
        if room.seats[connection.seat_index].locks(device):  # which stands, whatever the person's own lock does
            return after, []
    return after, [DeviceLockChanged(person=person, device=device, operator=operator, is_locked=is_locked)]


def undo_lock_all(room: RoomState, actor: Actor, command: c.UndoLockAll, now: datetime) -> Outcome:
    """Lifts what one change locked, of those whom nobody locked since; who goes meanwhile is unlocked, too."""
    needs.need_staff(room, actor)
    needs.need_not_ended(room)
    moments: list[Moment] = []
    locked = [m for m in room.members if m.locked_seq == command.seq and command.device in m.locked()]
    needs.need(bool(locked), ErrorCode.NOTHING_TO_UNDO)
    for member in locked:
        room, told = _set_lock(room, member.person, command.device, actor.person, is_locked=False)
        moments += told
    return Outcome(room=room, moments=tuple(moments))


def ask_all_to_open(room: RoomState, actor: Actor, command: c.AskAllToOpen, now: datetime) -> Outcome:
    """Asks everybody on a guest seat whose device is closed and who could open it."""
    needs.need_staff(room, actor)
    needs.need(command.device is not Device.SCREEN, ErrorCode.FORBIDDEN)
    moments: list[Moment] = []
    for guest in room.guests():
        with suppress(Refused):  # a seat that locks it, a guest by sound only
            asked = _ask(room, guest, command.device, actor.person, now)
            room = asked.room
            moments += asked.moments
    return Outcome(room=room, moments=tuple(moments))


def ask_to_open(room: RoomState, actor: Actor, command: c.AskToOpen, now: datetime) -> Outcome:
    """The staff lifts its lock and asks; each time anew, for the guest may have looked away. Screens are not asked."""
    needs.need_staff(room, actor)
    connection = needs.guest(room, command.user_id)
    needs.need(command.device is not Device.SCREEN, ErrorCode.FORBIDDEN)
    return _ask(room, connection, command.device, actor.person, now)


def _ask(room: RoomState, connection: Connection, device: Device, operator: Person, now: datetime) -> Outcome:
    """Lifts the staff's lock and asks. Refused where the guest could not open the device all the same."""
    if room.device_state(connection, device) is DeviceState.OPEN:
        return Outcome(room=room, connection=connection)
    room, moments = _set_lock(room, connection.person, device, operator, is_locked=False)
    connection = needs.guest(room, connection.person.user_id)
    connection = obey_locks(room, replace(connection, asked=device, asked_at=now))
    _need_openable(room, connection, device)
    asked = DeviceAsked(connection=connection, device=device, operator=operator)
    return Outcome(room=room.put_connection(connection), moments=(*moments, asked), connection=connection)


def ask_to_speak(room: RoomState, actor: Actor, command: c.AskToSpeak, now: datetime) -> Outcome:
    """A guest asks the staff to lift a lock, or takes that back. Without a lock there is nothing to ask."""
    connection = needs.guest(room, actor.user_id)
    if not command.is_asking:
        connection = replace(connection, asks=None if connection.asks is command.device else connection.asks)
        return Outcome(room=room.put_connection(connection), connection=connection)
    is_locked = room.device_state(connection, command.device) is DeviceState.LOCKED
    if not is_locked or connection.asks is command.device:
        return Outcome(room=room, connection=connection)
    connection = replace(connection, asks=command.device)
    moment = DeviceRequested(connection=connection, device=command.device)
    return Outcome(room=room.put_connection(connection), moments=(moment,), connection=connection)


RULES: Rules = {
    c.SetDevice: set_device,
    c.LockDevice: lock_device,
    c.LockAll: lock_all,
    c.UndoLockAll: undo_lock_all,
    c.AskAllToOpen: ask_all_to_open,
    c.AskToOpen: ask_to_open,
    c.AskToSpeak: ask_to_speak,
}
