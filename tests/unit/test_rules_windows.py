"""A seat belongs to one of somebody's windows: which one, how it goes over to another, and what is open at first."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from micconnect.domain import views
from micconnect.domain.internal import MediaGone, MediaUp
from micconnect.domain.notices import notices
from micconnect.domain.room import Actor, RoomState
from micconnect.domain.transitions import SEAT_GRACE, feed_of
from micconnect.protocol import commands as c
from micconnect.protocol.callbacks import Lane, OnMyStateUpdated
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.frames import Callbacks, encode
from micconnect.protocol.words import ConnectionState, Device, DeviceState, Entry, LinkMedia, SeatMode
from tests.unit import rooms as r

DESK, PHONE = r.at(r.ALICE, "desk-1"), r.at(r.ALICE, "mobile-2")
STUDIO, SECOND_STUDIO = r.at(r.HOST, "studio-1"), r.at(r.HOST, "studio-2")
VIDEO, AUDIO = LinkMedia.VIDEO, LinkMedia.AUDIO
FREE = r.live_room(seat_mode=SeatMode.FREE)
LINKED = r.act(r.live_room(), r.HOST, c.CreateInviteLink())


def by_asking(who: Actor, entry: Entry = Entry.OPEN) -> RoomState:
    room = r.act(r.live_room(), who, c.Apply(VIDEO, entry=entry))
    return r.act(room, r.HOST, r.answer(room, who))


def served_at_once(who: Actor, entry: Entry = Entry.OPEN) -> RoomState:
    return r.act(r.live_room(is_auto_accepting=True), who, c.Apply(VIDEO, entry=entry))


def as_the_next(who: Actor, entry: Entry = Entry.OPEN) -> RoomState:
    return r.act(r.act(r.live_room(), who, c.Apply(VIDEO, entry=entry)), r.HOST, c.AcceptNext())


def among_all(who: Actor, entry: Entry = Entry.OPEN) -> RoomState:
    return r.act(r.act(r.live_room(), who, c.Apply(VIDEO, entry=entry)), r.HOST, c.AcceptAll())


def rejected_by_mistake(who: Actor, entry: Entry = Entry.OPEN) -> RoomState:
    room = r.act(r.act(r.live_room(), who, c.Apply(VIDEO, entry=entry)), r.HOST, c.RejectAll())
    return r.act(r.act(room, r.HOST, c.UndoRejectAll(room.seq)), r.HOST, c.AcceptNext())


def without_asking(who: Actor, entry: Entry = Entry.OPEN) -> RoomState:
    return r.act(FREE, who, c.TakeSeat(entry=entry))


def by_invitation(who: Actor, entry: Entry = Entry.OPEN) -> RoomState:
    room = r.invited(r.live_room(), who)
    return r.act(room, who, r.reply(room, who, entry=entry))


def by_link(who: Actor, entry: Entry = Entry.OPEN) -> RoomState:
    return r.act(LINKED, replace(who, link=LINKED.links[0].number), c.UseInviteLink("t", entry=entry))


Way = Callable[..., RoomState]
WAYS: tuple[Way, ...] = (
    by_asking,
    served_at_once,
    as_the_next,
    among_all,
    rejected_by_mistake,
    without_asking,
    by_invitation,
    by_link,
)


# -- whose seat it is -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("way", WAYS)
def test_the_seat_is_that_of_the_window_which_asked_or_sat_down(way: Way) -> None:
    room = way(DESK)
    assert r.connection_of(room, DESK).window == "desk-1"
    assert views.Picture(room).my_state(DESK.person).window == "desk-1"


def test_the_window_that_answers_the_invitation_has_the_seat_and_none_before() -> None:
    room = r.invited(r.live_room(), DESK)
    assert r.request_of(room, DESK).window == ""
    room = r.act(room, PHONE, r.reply(room, PHONE))
    assert r.connection_of(room, PHONE).window == "mobile-2"


def test_whom_the_staff_places_without_asking_is_on_air_in_no_window_yet() -> None:
    room = r.placed(r.live_room(), DESK)
    assert r.connection_of(room, DESK).window == ""
    assert r.code(room, DESK, c.SetDevice(Device.MICROPHONE, True)) is ErrorCode.OTHER_WINDOW
    room = r.act(room, DESK, c.BringHere())
    room = r.act(room, DESK, c.SetDevice(Device.MICROPHONE, True))
    assert r.connection_of(room, DESK).microphone is DeviceState.OPEN


def test_the_hosts_seat_is_that_of_the_studio_which_went_live_or_sat_down() -> None:
    room = r.act(r.idle_room(), STUDIO, c.GoLive())
    assert r.connection_of(room, STUDIO).window == "studio-1"
    unbound = r.with_options(room, keep_owner_on_seat=False)
    again = r.act(r.act(unbound, STUDIO, c.LeaveSeat()), SECOND_STUDIO, c.TakeSeat(seat_index=0))
    assert r.connection_of(again, STUDIO).window == "studio-2"


def test_whoever_goes_back_to_the_queue_waits_in_the_window_that_was_on_air() -> None:
    room = r.act(by_asking(DESK), r.HOST, c.ReturnToQueue("alice"))
    assert r.request_of(room, DESK).window == "desk-1"
    assert r.connection_of(r.act(room, r.HOST, r.answer(room, DESK)), DESK).window == "desk-1"


def test_clients_without_windows_go_on_as_ever() -> None:
    room = r.placed(r.live_room(), r.ALICE)
    room = r.act(room, r.ALICE, c.SetDevice(Device.CAMERA, True))
    assert r.act(room, r.ALICE, c.BringHere()) == room


# -- over to another window -------------------------------------------------------------------------------------------
ON_AIR = r.heard(by_asking(DESK), DESK)


def test_the_seat_goes_over_and_is_heard_again_when_the_new_windows_sound_arrives() -> None:
    before = r.connection_of(ON_AIR, DESK)
    room = r.act(ON_AIR, PHONE, c.BringHere(), r.after(5))
    brought = r.connection_of(room, PHONE)
    assert (brought.window, brought.has_media, brought.state) == ("mobile-2", False, ConnectionState.RECONNECTING)
    assert brought.deadline == r.after(5) + SEAT_GRACE
    assert (brought.number, brought.seat_index, brought.aired_at) == (before.number, 1, before.aired_at)
    assert feed_of(brought) == room.last_number > feed_of(before)
    live = r.heard(room, PHONE, r.after(6))
    assert r.connection_of(live, PHONE).state is ConnectionState.LIVE


def test_what_is_reported_of_the_former_window_counts_no_more() -> None:
    room = r.act(ON_AIR, PHONE, c.BringHere())
    former = feed_of(r.connection_of(ON_AIR, DESK))
    assert r.act(room, r.MEDIA, MediaUp(number=former)) == room, "nobody hears the new one yet"
    live = r.heard(room, PHONE)
    assert r.act(live, r.MEDIA, MediaGone(number=former)) == live, "the new one is not silent for it"


def test_bringing_it_to_where_it_is_changes_nothing() -> None:
    assert r.act(ON_AIR, DESK, c.BringHere()) == ON_AIR


def test_the_screen_of_the_former_window_ends_with_it_and_a_lock_stays() -> None:
    sharing = r.act(ON_AIR, DESK, c.SetDevice(Device.SCREEN, True))
    brought = r.connection_of(r.act(sharing, PHONE, c.BringHere()), PHONE)
    assert brought.screen is DeviceState.CLOSED
    locked = r.act(sharing, r.HOST, c.LockDevice("alice", Device.SCREEN, True))
    room = r.act(locked, PHONE, c.BringHere())
    assert room.device_state(r.connection_of(room, PHONE), Device.SCREEN) is DeviceState.LOCKED


def test_a_grace_that_runs_is_not_begun_anew_by_changing_windows() -> None:
    silent = by_asking(DESK)
    until = r.connection_of(silent, DESK).deadline
    for seconds, who in ((10, PHONE), (20, DESK), (29, PHONE)):
        silent = r.act(silent, who, c.BringHere(), r.after(seconds))
        assert r.connection_of(silent, who).deadline == until
    assert r.ticked(silent, r.NOW + SEAT_GRACE).connection_of("alice") is None


def test_the_host_brings_the_own_seat_to_another_studio_and_not_to_a_window_of_the_audience() -> None:
    room = r.heard(r.act(r.idle_room(), STUDIO, c.GoLive()), STUDIO)
    assert r.code(room, r.at(r.viewer("host"), "watching"), c.BringHere()) is ErrorCode.FORBIDDEN
    room = r.act(room, SECOND_STUDIO, c.BringHere())
    brought = r.connection_of(room, STUDIO)
    assert (brought.window, brought.deadline) == ("studio-2", None), "the host's seat waits without an end"


def test_who_sits_nowhere_has_nothing_to_bring() -> None:
    room = r.act(r.live_room(), DESK, c.Apply(VIDEO))
    assert r.code(room, PHONE, c.BringHere()) is ErrorCode.NOT_ON_SEAT


# -- what another window may do ---------------------------------------------------------------------------------------
def test_another_window_closes_devices_and_leaves_but_opens_none() -> None:
    closed = r.act(ON_AIR, PHONE, c.SetDevice(Device.MICROPHONE, False))
    assert r.connection_of(closed, DESK).microphone is DeviceState.CLOSED
    for device in Device:
        assert r.code(closed, PHONE, c.SetDevice(device, True)) is ErrorCode.OTHER_WINDOW
    assert r.act(closed, PHONE, c.LeaveSeat()).connection_of("alice") is None


def test_nobody_else_hears_in_which_window_somebody_is() -> None:
    room = r.live_room()
    commands: list[tuple[Actor, c.Command]] = [
        (DESK, c.Apply(VIDEO, "note")),
        (r.HOST, c.AcceptNext()),
        (PHONE, c.BringHere()),
        (r.HOST, c.ReturnToQueue("alice")),
    ]
    told_windows = []
    for who, command in commands:
        outcome = r.decided(room, who, command)  # type: ignore[arg-type]
        for notice in notices(room, outcome):
            frame = encode(Callbacks(lane=notice.lane, seq=1, server_time=r.NOW, callbacks=notice.callbacks))
            is_own = (notice.lane, notice.user_id) == (Lane.ME, "alice")
            assert is_own or not (b"desk-1" in frame or b"mobile-2" in frame), frame
            if is_own:
                told_windows += [x.me.window for x in notice.callbacks if isinstance(x, OnMyStateUpdated)]
        room = outcome.room
    assert told_windows == ["desk-1", "desk-1", "mobile-2", "mobile-2"]


# -- what is open at first --------------------------------------------------------------------------------------------
OPEN_AT_FIRST = {
    Entry.OPEN: (DeviceState.OPEN, DeviceState.OPEN),
    Entry.MUTED: (DeviceState.CLOSED, DeviceState.OPEN),
    Entry.CLOSED: (DeviceState.CLOSED, DeviceState.CLOSED),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("entry", Entry)
def test_the_devices_begin_as_the_person_wished(way: Way, entry: Entry) -> None:
    seated = r.connection_of(way(DESK, entry), DESK)
    assert (seated.microphone, seated.camera) == OPEN_AT_FIRST[entry]


@pytest.mark.parametrize("entry", Entry)
def test_a_seat_for_sound_only_begins_without_a_camera_whatever_was_wished(entry: Entry) -> None:
    room = r.act(r.live_room(), DESK, c.Apply(AUDIO, entry=entry))
    seated = r.connection_of(r.act(room, r.HOST, c.AcceptNext()), DESK)
    assert (seated.microphone, seated.camera) == (OPEN_AT_FIRST[entry][0], DeviceState.CLOSED)


@pytest.mark.parametrize("entry", Entry)
def test_the_host_sits_down_again_as_wished(entry: Entry) -> None:
    unseated = r.act(r.live_room(keep_owner_on_seat=False), r.HOST, c.TakeSeat(seat_index=0, entry=entry))
    seated = r.connection_of(unseated, r.HOST)
    assert (seated.microphone, seated.camera) == OPEN_AT_FIRST[entry]


def test_the_lock_of_a_seat_goes_before_the_wish() -> None:
    room = r.act(FREE, r.HOST, c.LockSeat(1, is_microphone_locked=True))
    room = r.act(room, DESK, c.TakeSeat())
    assert room.device_state(r.connection_of(room, DESK), Device.MICROPHONE) is DeviceState.LOCKED
    lifted = r.act(room, r.HOST, c.LockSeat(1, is_microphone_locked=False))
    assert r.connection_of(lifted, DESK).microphone is DeviceState.CLOSED


def test_who_waits_for_another_turn_begins_closed_whatever_was_wished() -> None:
    room = r.act(by_asking(DESK, Entry.OPEN), r.HOST, c.ReturnToQueue("alice"), r.after(1))
    seated = r.connection_of(r.act(room, r.HOST, r.answer(room, DESK), r.after(1)), DESK)
    assert (seated.microphone, seated.camera) == OPEN_AT_FIRST[Entry.CLOSED]
