"""The law of the wire, on every situation: the old picture and what is heard make the new picture, for everybody."""

from typing import Any

import pytest
from msgspec.structs import replace

from micconnect.domain import views
from micconnect.domain.notices import Notice, notices
from micconnect.domain.outcome import Refused
from micconnect.domain.room import Person, RoomState
from micconnect.domain.rules import decide
from micconnect.protocol import callbacks as cb
from micconnect.protocol.callbacks import Lane
from tests.unit import rooms as r
from tests.unit.hears import Case
from tests.unit.hears_cases import CASES

Picture = dict[str, Any]
PART = {
    cb.OnLiveInfoChanged: "info",
    cb.OnConnectedUsersUpdated: "connected_users",
    cb.OnSeatListChanged: "seats",
    cb.OnRoomMetadataChanged: "metadata",
    cb.OnRequestsUpdated: "requests",
    cb.OnSanctionsUpdated: "sanctions",
    cb.OnInviteLinksUpdated: "links",
    cb.OnMyStateUpdated: "me",
}
PEOPLE = [who.person for who in (r.HOST, r.ALICE, r.BOB, r.CAROL, r.DORA, r.ERIN, r.MONA, r.ADA, r.MALLORY)]


def picture(room: RoomState, person: Person, is_staff: bool) -> Picture:
    """All that a fresh snapshot shows to somebody."""
    shown: Picture = {
        "info": views.live_info(room),
        "connected_users": views.connected_users(room),
        "seats": views.seat_list(room),
        "metadata": dict(room.metadata),
        "me": views.Picture(room).my_state(views.Picture(room).person(person.user_id) or person),
    }
    if is_staff:
        shown |= {"requests": views.requests(room), "sanctions": views.sanctions(room), "links": views.links(room)}
    return shown


def after_hearing(shown: Picture, told: list[Notice], person: Person, is_staff: bool) -> Picture:
    """The picture with the newest of each state that reached this person."""
    lanes = {(Lane.ROOM, ""), (Lane.ME, person.user_id)} | ({(Lane.STAFF, "")} if is_staff else set())
    heard = [x for notice in told if (notice.lane, notice.user_id) in lanes for x in notice.callbacks]
    for state in heard:
        if type(state) in PART:
            name = PART[type(state)]
            shown = shown | {name: getattr(state, name)}
    return shown


@pytest.mark.parametrize("case", CASES, ids=[f"{case.verb}: {case.what}" for case in CASES])
def test_old_picture_and_states_make_the_new_picture(case: Case) -> None:
    before = replace(case.room, invitee=None)
    helpers = {person.user_id for person in before.moderators()}
    for who in case.actors().values():
        try:
            outcome = decide(case.room, who, case.command, r.after(case.at_s))
        except Refused:
            continue
        told = notices(before, outcome)
        still = {person.user_id for person in outcome.room.moderators()}
        for person in PEOPLE:
            is_staff = person.user_id in ("host", "mona", "ada") or person.user_id in helpers & still
            drawn = after_hearing(picture(before, person, is_staff), told, person, is_staff)
            if person.user_id in still - helpers:  # a helper from now on
                is_staff = True
            assert drawn == picture(outcome.room, person, is_staff), person.user_id
