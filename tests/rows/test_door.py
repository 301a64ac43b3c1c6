"""What the door proves for the rules: who is present, since when, with which link; and what the log keeps of it."""

from typing import Any

import pytest
from msgspec.structs import replace

from micconnect import invitelinks, presence, services, store
from micconnect.domain.room import Actor, Person
from micconnect.models import InviteLink, LogEntry
from micconnect.protocol import commands as c
from micconnect.protocol.codes import ErrorCode
from micconnect.protocol.frames import Reply
from micconnect.protocol.views import RoomOptions
from micconnect.protocol.words import Device, LinkMedia, SeatMode
from tests.conftest import ALICE, BOB, HOST, NOW, actor, after

pytestmark = pytest.mark.django_db

ASK = c.Apply(media=LinkMedia.AUDIO)


def do(slug: str, who: Actor, command: Any, at: float = 0, here: tuple[Actor, ...] = ()) -> Reply:
    """Gives the command while the people of `here` are in the room."""

    def find(_: str, user_id: str) -> Person | None:
        return next((a.person for a in here if a.user_id == user_id), None)

    return services.perform(slug, who, command, after(at), find_person=find)


def ok(reply: Reply) -> Reply:
    assert reply.error is None, reply
    return reply


def code(reply: Reply) -> ErrorCode | None:
    return reply.error.code if reply.error else None


def show(**options: Any) -> str:
    """A live room with these options."""
    slug = store.create_room(host=HOST.person, options=RoomOptions(title="Show", **options)).slug
    ok(do(slug, HOST, c.GoLive()))
    return slug


@pytest.mark.parametrize(
    "command",
    [
        c.Invite(user_id="alice"),
        c.PlaceUser(user_id="alice"),
        c.LockDevice(user_id="alice", device=Device.MICROPHONE, is_locked=True),
        c.SetModerator(user_id="alice", is_moderator=True),
        c.BarUser(user_id="alice"),
        c.BanUser(user_id="alice"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_commands_about_somebody_find_who_is_in_the_room(command: Any) -> None:
    assert {type(command)} <= set(c.NAMING) and len(c.NAMING) == 6
    slug = show()
    assert code(do(slug, HOST, command)) is ErrorCode.NO_SUCH_USER
    ok(do(slug, HOST, command, here=(ALICE,)))


# -- since when -------------------------------------------------------------------------------------------------------
@pytest.fixture
def journal(monkeypatch: pytest.MonkeyPatch) -> presence._Journal:
    fresh = presence._Journal()
    monkeypatch.setattr(presence, "journal", fresh)
    return fresh


@pytest.mark.parametrize("is_flushed", [True, False])
@pytest.mark.parametrize(
    ("options", "command"), [({}, ASK), ({"seat_mode": SeatMode.FREE}, c.TakeSeat(media=LinkMedia.AUDIO))]
)
def test_the_minimum_stay_counts_from_the_first_socket_in_this_room(
    journal: presence._Journal, is_flushed: bool, options: Any, command: Any
) -> None:
    slug, other = show(min_stay_s=30, **options), show()
    journal.opened("elsewhere", other, ALICE, "", after(-1000))
    journal.opened("first", slug, ALICE, "", NOW)
    journal.closed("first", after(1), None)
    journal.opened("second", slug, ALICE, "", after(20))
    if is_flushed:
        journal.flush()
    assert code(do(slug, ALICE, command, at=29)) is ErrorCode.TOO_EARLY
    ok(do(slug, ALICE, command, at=30))


def test_the_minimum_stay_of_who_logs_in_began_when_the_guest_came(journal: presence._Journal) -> None:
    slug = show(min_stay_s=30)
    journal.opened("guest", slug, ALICE, "", NOW)
    journal.opened("account", slug, BOB, "", after(25))
    assert code(do(slug, BOB, ASK, at=30)) is ErrorCode.TOO_EARLY
    ok(do(slug, replace(BOB, was="alice"), ASK, at=30))


@pytest.mark.parametrize("kind", [c.BarUser, c.BanUser])
def test_whoever_closed_the_window_in_time_is_barred_and_banned_all_the_same(
    journal: presence._Journal, kind: type[c.BarUser | c.BanUser]
) -> None:
    slug = show()
    journal.opened("gone", slug, ALICE, "", NOW)
    journal.closed("gone", after(1), None)
    journal.flush()
    sanction = ok(do(slug, HOST, kind(user_id="alice"), at=2)).result
    assert sanction and sanction.sanction and sanction.sanction.user.user_name == "Alice"
    assert code(do(slug, HOST, kind(user_id="nobody"), at=2)) is ErrorCode.NO_SUCH_USER
    assert code(do(slug, HOST, c.PlaceUser(user_id="bob"), at=2)) is ErrorCode.NO_SUCH_USER


def test_who_never_came_has_not_stayed(journal: presence._Journal) -> None:
    slug = show(min_stay_s=1)
    assert code(do(slug, ALICE, ASK, at=100)) is ErrorCode.TOO_EARLY


def test_rooms_without_a_minimum_stay_ask_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    slug = show()
    monkeypatch.setattr(presence, "first_seen", lambda *_: pytest.fail("asked in vain"))
    ok(do(slug, ALICE, ASK))


def test_an_account_opens_a_room_that_needs_one() -> None:
    slug = show(needs_login=True)
    assert code(do(slug, ALICE, ASK)) is ErrorCode.LOGIN_REQUIRED
    ok(do(slug, replace(ALICE, has_account=True), ASK))


# -- links ------------------------------------------------------------------------------------------------------------
def link_of(slug: str, **fields: Any) -> str:
    """Makes a link; returns its token."""
    reply = ok(do(slug, HOST, c.CreateInviteLink(**fields)))
    assert reply.result and reply.result.link
    return invitelinks.make_token(slug, int(reply.result.link.link_id[1:]))


def test_a_link_seats_whoever_has_its_token_and_no_row_holds_it() -> None:
    slug, other = show(), show()
    token = link_of(slug)
    foreign = link_of(other)
    for wrong in (foreign, token[:-1], "l1", "1"):
        assert code(do(slug, ALICE, c.UseInviteLink(token=wrong))) is ErrorCode.NO_SUCH_LINK
    reply = ok(do(slug, ALICE, c.UseInviteLink(token=token)))
    assert reply.result and reply.result.connection and reply.result.connection.user_id == "alice"
    assert code(do(slug, BOB, c.UseInviteLink(token=token))) is ErrorCode.NO_SUCH_LINK, "used up"
    entry = LogEntry.objects.get(command="useInviteLink")
    for text in (str(entry.fields), bytes(entry.reply).decode(), bytes(entry.notices).decode()):
        assert token not in text and "token" not in text
    assert not any(token in str(value) for row in InviteLink.objects.values() for value in row.values())


def test_a_sender_cannot_bring_a_link_without_its_token() -> None:
    slug = show()
    token = link_of(slug)
    number = invitelinks.read_token(slug, token)
    claiming = replace(ALICE, link=number, since=after(-1000))
    assert code(do(slug, claiming, c.UseInviteLink(token="guess"))) is ErrorCode.NO_SUCH_LINK


# -- the log and the reply --------------------------------------------------------------------------------------------
def test_the_log_names_the_role_that_counted() -> None:
    slug = show()
    ok(do(slug, HOST, c.SetModerator(user_id="alice", is_moderator=True), here=(ALICE,)))
    ok(do(slug, ALICE, c.LockSeat(seat_index=1, is_locked=True)))
    ok(do(slug, HOST, c.SetModerator(user_id="alice", is_moderator=False)))
    assert code(do(slug, ALICE, c.LockSeat(seat_index=1, is_locked=False))) is ErrorCode.FORBIDDEN
    roles = list(LogEntry.objects.filter(room__slug=slug).order_by("seq").values_list("command", "actor_role"))
    assert roles[1:] == [("setModerator", "host"), ("lockSeat", "moderator"), ("setModerator", "host")]


def test_replies_carry_what_the_command_made() -> None:
    slug = show(seat_count=2)
    for number in range(3):
        ok(do(slug, actor(f"G{number}"), ASK))
    result = ok(do(slug, HOST, c.AcceptAll())).result
    assert result and result.accepted
    assert ([r.user.user_id for r in result.accepted], result.left) == (["g0", "g1"], 1)
    result = ok(do(slug, HOST, c.RejectAll())).result
    assert result and (result.accepted, result.left) == ((), 0)
    result = ok(do(slug, HOST, c.BarUser(user_id="alice", seconds=60), here=(ALICE,))).result
    assert result and result.sanction and result.sanction.until == after(60)
    result = ok(do(slug, HOST, c.CreateInviteLink(uses=3))).result
    assert result and result.link and result.link.uses_left == 3
    assert ok(do(slug, HOST, c.SetMetadata(entries={"a": "1"}))).result is None


def test_the_companys_server_ends_a_room_as_itself() -> None:
    slug = show()
    ok(do(slug, services.SERVER, c.EndLive()))
    assert LogEntry.objects.filter(command="endLive").values_list("actor_role", "actor_id").get() == (
        "server",
        "server",
    )
    assert store.read(slug).end_reason == "server"
