"""The admin: read-only for everybody, actions through the door for those who may moderate."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from micconnect import health, invitelinks, services, store
from micconnect.domain.room import Actor
from micconnect.models import (
    Connection,
    InviteLink,
    LogEntry,
    Member,
    Room,
    Sanction,
    SeatRequest,
    ServingProcess,
    Socket,
)
from micconnect.protocol.commands import Apply, BarUser, CreateInviteLink, EndLive, GoLive, RespondToApplication
from micconnect.protocol.views import RoomOptions, SeatHealth
from micconnect.protocol.words import LinkMedia, Quality, Role
from tests.conftest import ALICE, BOB, HOST, NOW, actor

pytestmark = pytest.mark.django_db
MODELS = (Room, Connection, SeatRequest, Member, Sanction, InviteLink, Socket, LogEntry, ServingProcess)


@pytest.fixture
def slug() -> str:
    """A live room with Alice on air, Bob waiting, somebody barred, and a link."""
    room = store.create_room(host=HOST.person, options=RoomOptions(title="=Show")).slug
    steps: list[tuple[Actor, GoLive | Apply | RespondToApplication | CreateInviteLink | BarUser]] = [
        (HOST, GoLive()),
        (ALICE, Apply(media=LinkMedia.VIDEO)),
        (HOST, RespondToApplication(request_id="r2", is_accepted=True)),
        (BOB, Apply(media=LinkMedia.AUDIO, note="<script>")),
        (HOST, CreateInviteLink()),
        (HOST, BarUser(user_id="carl", note="<b>")),
    ]
    for who, command in steps:
        assert services.perform(room, who, command, NOW, find_person=lambda *_: actor("Carl").person).error is None
    ServingProcess.objects.create(process_id="machine.1.a", started_at=NOW)
    return room


def staff(*permissions: str) -> Client:
    user = User.objects.create_user("Ada", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def superuser() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("Root"))
    return client


def choose(client: Client, model: str, action: str, *pks: int, **fields: str) -> str:
    """Chooses an action for some rows; returns the page that follows."""
    url = reverse(f"admin:micconnect_{model}_changelist")
    data = {"action": action, "_selected_action": pks, **fields}
    return client.post(url, data, follow=True).content.decode()


def act(client: Client, model: str, action: str, *pks: int) -> str:
    """The same, confirmed."""
    return choose(client, model, action, *pks, confirmed="yes")


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_every_list_and_page_opens_and_its_filters_work(superuser: Client, slug: str, model: type) -> None:
    url = reverse(f"admin:micconnect_{model.__name__.lower()}_changelist")
    page = superuser.get(url)
    assert page.status_code == 200
    assert superuser.get(url, {"q": "show"}).status_code == 200
    room = Room.objects.get()
    if model not in (Room, ServingProcess):
        assert superuser.get(url, {"room__id__exact": room.pk}).status_code == 200
    row = model.objects.first()  # type: ignore[attr-defined]
    if row is not None:
        assert (
            superuser.get(reverse(f"admin:micconnect_{model.__name__.lower()}_change", args=[row.pk])).status_code
            == 200
        )


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_s18_not_even_a_superuser_writes_rows(superuser: Client, slug: str, model: type) -> None:
    name = model.__name__.lower()
    assert superuser.post(reverse(f"admin:micconnect_{name}_add"), {"title": "x"}).status_code == 403
    row = model.objects.first()  # type: ignore[attr-defined]
    if row is not None:
        for page in ("change", "delete"):
            answer = superuser.post(reverse(f"admin:micconnect_{name}_{page}", args=[row.pk]), {"post": "yes"})
            assert answer.status_code == 403
        assert "delete_selected" not in superuser.get(reverse(f"admin:micconnect_{name}_changelist")).content.decode()


@pytest.mark.parametrize(
    ("model", "action"),
    [
        ("room", "end_room"),
        ("connection", "disconnect_guest"),
        ("connection", "bar_from_mic"),
        ("connection", "ban_from_room"),
        ("seatrequest", "ban_from_room"),
        ("member", "bar_from_mic"),
        ("sanction", "lift_sanction"),
    ],
)
def test_every_action_asks_first_and_nothing_but_for_confirmation(
    superuser: Client, slug: str, model: str, action: str
) -> None:
    rows = {"room": Room, "connection": Connection, "seatrequest": SeatRequest, "member": Member, "sanction": Sanction}
    row = rows[model].objects.last()  # type: ignore[attr-defined]
    before = LogEntry.objects.count()
    page = choose(superuser, model, action, row.pk)
    assert LogEntry.objects.count() == before and 'name="confirmed" value="yes"' in page
    assert f'name="_selected_action" value="{row.pk}"' in page and f'name="action" value="{action}"' in page
    asked = [part.split('"')[0] for part in page.split('name="')[1:]]
    assert set(asked) <= {
        "viewport",
        "robots",
        "csrfmiddlewaretoken",
        "action",
        "_selected_action",
        "confirmed",
        "next",
    }


def test_bar_and_ban_work_from_every_list_of_people_once_for_each(superuser: Client, slug: str) -> None:
    alice = Connection.objects.get(user_id="alice")
    assert "Barred from the mic: 1" in act(superuser, "connection", "bar_from_mic", alice.pk)
    alice.refresh_from_db()
    assert alice.end_reason == "barred"
    requests = [r.pk for r in SeatRequest.objects.all()]
    assert "Banned from the room: 2" in act(superuser, "seatrequest", "ban_from_room", *requests)
    assert SeatRequest.objects.get(user_id="bob").cause == "banned"
    assert "Banned from the room: 1" in act(
        superuser, "member", "ban_from_room", Member.objects.get(user_id="alice").pk
    )
    in_force = Sanction.objects.filter(ended_at=None).values_list("user_id", "kind", "operator_name")
    assert sorted(in_force) == [
        ("alice", "mic_bar", "Root"),
        ("alice", "room_ban", "Root"),
        ("bob", "room_ban", "Root"),
        ("carl", "mic_bar", "Host"),
    ]


def test_a_sanction_is_lifted_once(superuser: Client, slug: str) -> None:
    sanction = Sanction.objects.get()
    assert "Lifted: 1" in act(superuser, "sanction", "lift_sanction", sanction.pk)
    assert Sanction.objects.get().ended_at is not None and store.read(slug).sanctions == ()
    assert "no such sanction" in act(superuser, "sanction", "lift_sanction", sanction.pk)


def test_the_room_page_shows_every_option(superuser: Client, slug: str) -> None:
    page = superuser.get(reverse("admin:micconnect_room_change", args=[Room.objects.get().pk])).content.decode()
    for option in RoomOptions.__struct_fields__:
        assert f"field-{option}" in page, option


def test_no_token_is_shown(superuser: Client, slug: str) -> None:
    link = InviteLink.objects.get()
    token = invitelinks.make_token(slug, link.number)
    for url in ("changelist", "change"):
        args = [link.pk] if url == "change" else []
        assert token not in superuser.get(reverse(f"admin:micconnect_invitelink_{url}", args=args)).content.decode()


def test_disconnect_guest_is_the_moderators_command(superuser: Client, slug: str) -> None:
    alice = Connection.objects.get(user_id="alice")
    assert "Taken off air: 1" in act(superuser, "connection", "disconnect_guest", alice.pk)
    alice.refresh_from_db()
    assert (alice.state, alice.end_reason, alice.operator_name) == ("ended", "terminated", "Root")
    entry = LogEntry.objects.first()
    assert entry and (entry.command, entry.actor_role, entry.actor_name) == ("disconnectUser", "admin", "Root")
    assert "None of them is on air any more" in act(superuser, "connection", "disconnect_guest", alice.pk)


def test_the_host_cannot_be_taken_off_and_the_reason_is_told(superuser: Client, slug: str) -> None:
    host = Connection.objects.get(seat_index=0)
    assert "does not allow" in act(superuser, "connection", "disconnect_guest", host.pk)
    host.refresh_from_db()
    assert host.state != "ended"


def test_end_room_ends_everything_once(superuser: Client, slug: str) -> None:
    room = Room.objects.get()
    assert "Ended: 1" in act(superuser, "room", "end_room", room.pk)
    room.refresh_from_db()
    assert (room.status, room.end_reason) == ("ended", "moderator")
    assert SeatRequest.objects.filter(state="pending").count() == 0
    assert "has ended" in act(superuser, "room", "end_room", room.pk)


def test_who_may_only_look_has_no_actions(slug: str) -> None:
    looker = staff("view_room", "view_connection")
    alice = Connection.objects.get(user_id="alice")
    act(looker, "connection", "disconnect_guest", alice.pk)
    act(looker, "connection", "ban_from_room", alice.pk)
    act(looker, "room", "end_room", Room.objects.get().pk)
    alice.refresh_from_db()
    assert alice.state != "ended" and Room.objects.get().status == "live"
    assert looker.get(reverse("admin:micconnect_logentry_changelist")).status_code == 403


def test_a_moderator_without_superpowers_may_act(slug: str) -> None:
    moderator = staff("view_room", "view_connection", "moderate_room")
    alice = Connection.objects.get(user_id="alice")
    assert "Taken off air: 1" in act(moderator, "connection", "disconnect_guest", alice.pk)


def test_the_admins_own_scripts_may_run_and_ours_stay_under_trusted_types(superuser: Client, slug: str) -> None:
    policy = superuser.get(reverse("admin:micconnect_room_changelist"))["Content-Security-Policy"]
    assert "trusted-types" not in policy and "default-src 'self'" in policy and "unsafe" not in policy
    assert "require-trusted-types-for" in superuser.get(f"/live/{slug}/")["Content-Security-Policy"]


def test_s15_what_people_typed_is_text(superuser: Client, slug: str) -> None:
    page = superuser.get(reverse("admin:micconnect_seatrequest_changelist")).content.decode()
    assert "&lt;script&gt;" in page
    page = choose(superuser, "sanction", "lift_sanction", Sanction.objects.get().pk)
    assert "=Show" in page and "<b>" not in page


# -- on air now -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("found", "words"),
    [
        (None, ["Nothing is known just now"]),
        ((), ["Nobody sends sound or picture just now"]),
        (
            (
                SeatHealth("host", 0, False, 640, 0.0, None, 55, Quality.GOOD),
                SeatHealth("alice", 1, False, 31, 0.125, 480, 0, Quality.BAD),
                SeatHealth("alice", 1, True, 900, 0.0, 80, 0, Quality.GOOD),
            ),
            ["<td>640</td>", "unknown", "12.5%", "480 ms", "Alice</bdi>, screen", "&lt;Host&gt;", "bad"],
        ),
    ],
)
def test_a_rooms_page_tells_how_media_arrive(
    monkeypatch: pytest.MonkeyPatch, slug: str, found: tuple[SeatHealth, ...] | None, words: list[str]
) -> None:
    asked: list[tuple[str, Role]] = []

    def on_air(of: str, who: Actor) -> tuple[SeatHealth, ...] | None:
        asked.append((of, who.role))
        return found

    monkeypatch.setattr(health, "on_air", on_air)
    Connection.objects.filter(user_id="host").update(user_name="<Host>")
    page = staff("view_room").get(reverse("admin:micconnect_room_change", args=[Room.objects.get().pk]))
    text = page.content.decode()
    assert not [word for word in words if word not in text]
    assert "Look again" in text and asked == [(slug, Role.ADMIN)]


def test_a_room_that_is_not_live_asks_nobody(monkeypatch: pytest.MonkeyPatch, superuser: Client, slug: str) -> None:
    assert services.perform(slug, HOST, EndLive(), NOW).error is None
    monkeypatch.setattr(health, "on_air", lambda *_: pytest.fail("asked"))
    text = superuser.get(reverse("admin:micconnect_room_change", args=[Room.objects.get().pk])).content.decode()
    assert "The room is not live." in text and "Look again" not in text
