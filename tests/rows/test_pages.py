"""The pages and their small requests: who sees which, who gets which ticket, what a name may be."""

import json
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from micconnect import auth, hub, invitelinks, services, store
from micconnect.domain.room import Actor, Person
from micconnect.models import InviteLink, Member, Room, Sanction, Seat
from micconnect.protocol.commands import (
    BanUser,
    CreateInviteLink,
    GoLive,
    LiftSanction,
    RevokeInviteLink,
    UseInviteLink,
)
from micconnect.protocol.views import InviteLinkInfo, RoomOptions
from micconnect.protocol.words import LinkMedia, Role
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def hannah() -> User:
    return User.objects.create_user("Hannah", password="secret secret")


@pytest.fixture
def slug(hannah: User) -> str:
    return store.create_room(
        host=auth.account_person(hannah), host_account_id=hannah.pk, options=RoomOptions(title="Bread & <b>butter</b>")
    ).slug


@pytest.fixture
def host(hannah: User) -> Client:
    client = Client()
    client.force_login(hannah)
    return client


def config(html: str) -> dict[str, Any]:
    """What the page hands to its script."""
    start = html.index('id="mic-config"')
    body = html[html.index(">", start) + 1 : html.index("</script>", start)]
    found: dict[str, Any] = json.loads(body)
    return found


def test_the_live_list_shows_live_rooms_only(client: Client, slug: str, hannah: User) -> None:
    assert b"butter" not in client.get("/").content
    services.perform(slug, auth.Actor(person=auth.account_person(hannah), role=Role.HOST), GoLive(), NOW)
    page = client.get("/").content.decode()
    assert f"/live/{slug}/" in page and "&lt;b&gt;butter" in page and "<b>butter" not in page


def test_the_live_list_costs_one_query_however_many_rooms(
    client: Client, hannah: User, django_assert_num_queries: Any
) -> None:
    host = auth.Actor(person=auth.account_person(hannah), role=Role.HOST)
    for number in range(5):
        slug = store.create_room(host=host.person, options=RoomOptions(title=f"Show {number}")).slug
        assert services.perform(slug, host, GoLive(), NOW).error is None
    with django_assert_num_queries(1):
        page = client.get("/").content.decode()
    assert page.count("Show ") >= 5


def test_a_host_makes_a_room_with_its_ten_seats(host: Client, hannah: User) -> None:
    response = host.post("/studio/", {"title": "Quiz", "seat_count": "3", "request_timeout_s": "0"})
    room = Room.objects.get()
    assert response["Location"] == f"/live/{room.slug}/studio/"
    assert (room.host_id, room.host_name, room.seat_count, room.request_timeout_s) == (f"u{hannah.pk}", "Hannah", 3, 0)
    assert Seat.objects.filter(room=room).count() == 10


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"title": " \u200b "},
        {"title": "x" * 101},
        {"title": "Q", "seat_count": "10"},
        {"title": "Q", "request_timeout_s": "4"},
    ],
)
def test_a_room_that_cannot_be_is_refused_with_words(host: Client, fields: dict[str, str]) -> None:
    response = host.post("/studio/", fields)
    assert response.status_code == 200 and Room.objects.count() == 0
    assert response.context["form"].errors


def test_guests_keep_their_identity_and_choose_a_name(client: Client, slug: str) -> None:
    first = config(client.get(f"/live/{slug}/").content.decode())
    assert first["isNamed"] is False and first["role"] == "audience"
    before = client.post(first["ticketUrl"]).json()
    answer = client.post("/name/", json.dumps({"name": "  陈伟 "}), content_type="application/json")
    assert answer.json() == {"userName": "陈伟"}
    after = client.post(first["ticketUrl"]).json()
    assert after["user"] == {"userId": before["user"]["userId"], "userName": "陈伟"}
    assert config(client.get(f"/live/{slug}/").content.decode())["isNamed"] is True
    assert auth.read_ticket(slug, after["ticket"]).person == Person(user_id=after["user"]["userId"], name="陈伟")
    assert [auth.read_ticket(slug, body["ticket"]).is_named for body in (before, after)] == [False, True]


@pytest.mark.parametrize("name", ["", "\u202e", "x" * 41])
def test_a_name_that_cannot_be_is_refused_with_words(client: Client, name: str) -> None:
    response = client.post("/name/", {"name": name})
    assert response.status_code == 400 and response.json()["error"]["code"] == "BAD_NAME"


@pytest.mark.parametrize("name", ["Hannah", "hаnnаh", "H a n n a h .", "Веn", "B · e · n"])
def test_a_name_that_passes_for_the_host_or_a_helper_is_refused_in_their_room(
    client: Client, slug: str, name: str
) -> None:
    Member.objects.create(room=Room.objects.get(), user_id="ben", user_name="Ben", is_moderator=True)
    Member.objects.create(room=Room.objects.get(), user_id="eve", user_name="Eve", is_moderator=False)
    url = config(client.get(f"/live/{slug}/").content.decode())["nameUrl"]
    response = client.post(url, {"name": name})
    assert response.status_code == 400 and response.json()["error"]["code"] == "LOOKS_LIKE_STAFF"
    assert client.post(url, {"name": "Eve"}).status_code == 200, "who is no helper is nobody to pass for"
    assert client.post("/name/", {"name": name}).status_code == 200, "elsewhere it is a name like any other"
    assert client.post("/name/?room=none", {"name": name}).status_code == 200


def test_a_forged_guest_cookie_is_a_new_guest(client: Client, slug: str) -> None:
    client.cookies["mic_guest"] = "gvictim:Victim:forged:signature"
    user = client.post(f"/live/{slug}/ticket/").json()["user"]
    assert user["userId"] != "gvictim" and user["userName"] != "Victim"


def test_only_the_host_sees_the_studio_and_gets_its_ticket(client: Client, host: Client, slug: str) -> None:
    assert client.get(f"/live/{slug}/studio/").status_code == 302
    other = Client()
    other.force_login(User.objects.create_user("Mallory"))
    assert other.get(f"/live/{slug}/studio/").status_code == 403
    assert other.post(f"/live/{slug}/ticket/?as=host").status_code == 403
    page = config(host.get(f"/live/{slug}/studio/").content.decode())
    assert host.post(page["ticketUrl"]).json()["role"] == "host"
    watching = config(host.get(f"/live/{slug}/").content.decode())
    assert host.post(watching["ticketUrl"]).json()["role"] == "audience", "also a host may just watch"


def test_r07_tickets_for_a_room_in_which_somebody_is_cost_guests_no_query_and_accounts_two(
    client: Client,
    host: Client,
    slug: str,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: Any,
) -> None:
    with django_assert_num_queries(1):
        client.post(f"/live/{slug}/ticket/")
    room = store.read(slug)
    monkeypatch.setattr(hub, "find_room", lambda name: room if name == slug else None)
    with django_assert_num_queries(0):
        assert client.post(f"/live/{slug}/ticket/").status_code == 200
    with django_assert_num_queries(2):  # session and account
        assert host.post(f"/live/{slug}/ticket/?as=host").json()["role"] == "host"
    assert client.post(f"/live/{slug}/ticket/?as=host").status_code == 403
    assert client.post("/live/another/ticket/").status_code == 404


def test_accounts_say_so_in_their_tickets_and_guests_do_not(client: Client, host: Client, slug: str) -> None:
    for visitor, has_account in ((client, False), (host, True)):
        ticket = visitor.post(f"/live/{slug}/ticket/").json()["ticket"]
        assert auth.read_ticket(slug, ticket).has_account is has_account


# -- invite links -----------------------------------------------------------------------------------------------------
@pytest.fixture
def link(hannah: User, slug: str) -> str:
    """A link that the host has made; returns the address of its secret."""
    who = Actor(person=auth.account_person(hannah), role=Role.HOST)
    reply = services.perform(slug, who, CreateInviteLink(), timezone.now())
    assert reply.result and reply.result.link
    return f"/live/{slug}/invites/{reply.result.link.link_id}/"


def member(slug: str, user_id: str, *, is_moderator: bool | None) -> None:
    Member.objects.create(room=Room.objects.get(slug=slug), user_id=user_id, user_name="M", is_moderator=is_moderator)


def test_the_host_gets_the_secret_address_and_its_qr_code(host: Client, slug: str, link: str) -> None:
    response = host.get(link)
    answer = response.json()
    page, _, token = answer["url"].partition("#invite=")
    assert page == f"http://testserver/live/{slug}/"
    assert invitelinks.read_token(slug, token) == store.read(slug).links[0].number
    assert "no-store" in response["Cache-Control"]
    svg = ElementTree.fromstring(answer["qr"])  # noqa: S314 - our own
    assert svg.tag == "{http://www.w3.org/2000/svg}svg" and "script" not in answer["qr"]
    assert host.get(link).json() == answer, "the same each time"


def test_helpers_and_moderators_of_the_site_get_it_and_nobody_else(client: Client, slug: str, link: str) -> None:
    assert (client.get(link).status_code, client.get(link).json()["error"]["code"]) == (403, "FORBIDDEN")
    user_id = client.post(f"/live/{slug}/ticket/").json()["user"]["userId"]
    member(slug, user_id, is_moderator=None)
    assert client.get(link).status_code == 403, "known is not trusted"
    Member.objects.update(is_moderator=True)
    assert client.get(link).status_code == 200
    Member.objects.update(is_moderator=False)
    assert client.get(link).status_code == 403
    user = User.objects.create_user("Ada", is_staff=True)
    ada = Client()
    ada.force_login(user)
    assert ada.get(link).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="moderate_room"))
    assert ada.get(link).status_code == 200


def test_a_helper_of_one_room_is_none_of_another(client: Client, hannah: User, slug: str, link: str) -> None:
    other = store.create_room(host=auth.account_person(hannah), options=RoomOptions(title="Other")).slug
    member(other, client.post(f"/live/{slug}/ticket/").json()["user"]["userId"], is_moderator=True)
    assert client.get(link).status_code == 403


@pytest.mark.parametrize("link_id", ["l999", "l0", "r2", "x", "l2%0A"])
def test_links_that_are_not_there_are_404(host: Client, slug: str, link_id: str) -> None:
    assert host.get(f"/live/{slug}/invites/{link_id}/").status_code == 404
    assert host.get(f"/live/none/invites/{link_id}/").status_code == 404


def test_a_link_that_has_ended_has_no_address_any_more(host: Client, slug: str, link: str) -> None:
    InviteLink.objects.update(created_at=NOW, expires_at=NOW + timedelta(seconds=1))
    assert host.get(link).json()["error"]["code"] == "NO_SUCH_LINK", "its time is over, whatever the clock says"
    InviteLink.objects.update(expires_at=timezone.now() + timedelta(days=1))
    assert host.get(link).status_code == 200
    InviteLink.objects.update(ended_at=timezone.now())
    assert host.get(link).status_code == 404


def become_of(client: Client, slug: str, token: str) -> str:
    """What the page is told of an invitation link."""
    body = json.dumps({"token": token})
    answer = client.post(f"/live/{slug}/invites/", body, content_type="application/json").json()
    return str(answer["state"])


def test_a_link_says_before_anything_is_asked_which_of_its_ends_it_has_met(
    client: Client, hannah: User, slug: str, django_assert_num_queries: Any
) -> None:
    who = Actor(person=auth.account_person(hannah), role=Role.HOST)

    def made(**fields: Any) -> InviteLinkInfo:
        reply = services.perform(slug, who, CreateInviteLink(**fields), timezone.now())
        assert reply.result and reply.result.link
        return reply.result.link

    def token(link: InviteLinkInfo) -> str:
        return invitelinks.make_token(slug, int(link.link_id[1:]))

    assert services.perform(slug, who, GoLive(), timezone.now()).error is None
    once, twice, withdrawn, expired, over = made(uses=1), made(uses=2), made(), made(uses=1), made()
    assert become_of(client, slug, token(once)) == "open"
    for user_id, link in (("ann", once), ("ben", twice)):
        guest = Actor(person=Person(user_id=user_id, name=user_id.title()), role=Role.AUDIENCE)
        used = services.perform(slug, guest, UseInviteLink(token(link), LinkMedia.AUDIO), timezone.now())
        assert used.error is None and used.result and used.result.link is None, "links are the staff's"
    assert services.perform(slug, who, RevokeInviteLink(withdrawn.link_id), timezone.now()).error is None
    of = InviteLink.objects.filter
    of(number=int(expired.link_id[1:])).update(created_at=NOW, expires_at=NOW + timedelta(seconds=1), ended_at=NOW)
    of(number=int(expired.link_id[1:])).update(ended_at=NOW + timedelta(seconds=2))
    of(number=int(over.link_id[1:])).update(created_at=NOW, expires_at=NOW + timedelta(seconds=1))
    found = {become_of(client, slug, token(link)) for link in (expired, over)}
    assert (become_of(client, slug, token(once)), become_of(client, slug, token(twice))) == ("used_up", "open")
    assert (become_of(client, slug, token(withdrawn)), found) == ("withdrawn", {"expired"})
    assert become_of(client, slug, invitelinks.make_token(slug, 10**6)) == "wrong", "there never was one"
    with django_assert_num_queries(0):
        for strange in ("", "no token", invitelinks.make_token("another", int(twice.link_id[1:])), token(twice)[:-1]):
            assert become_of(client, slug, strange) == "wrong"
    assert client.get(f"/live/{slug}/invites/").status_code == 405


def test_the_page_of_somebody_banned_still_loads(client: Client, host: Client, hannah: User, slug: str) -> None:
    user = client.post(f"/live/{slug}/ticket/").json()["user"]
    who = Actor(person=auth.account_person(hannah), role=Role.HOST)
    banned = Person(user_id=user["userId"], name=user["userName"])
    command = BanUser(user_id=user["userId"])
    assert services.perform(slug, who, command, timezone.now(), find_person=lambda *_: banned).error is None
    assert client.get(f"/live/{slug}/").status_code == 200
    assert client.post(f"/live/{slug}/ticket/").status_code == 200


def test_a_page_that_is_out_of_the_room_is_told_whether_that_is_over(client: Client, hannah: User, slug: str) -> None:
    def told(visitor: Client) -> tuple[bool, int | None]:
        answer = visitor.get(f"/live/{slug}/ban/").json()
        return answer["isBanned"], answer["leftMs"]

    user = client.post(f"/live/{slug}/ticket/").json()["user"]
    who = Actor(person=auth.account_person(hannah), role=Role.HOST)
    person = Person(user_id=user["userId"], name=user["userName"])

    def banned(seconds: int | None) -> str:
        command = BanUser(user_id=user["userId"], seconds=seconds)
        reply = services.perform(slug, who, command, timezone.now(), find_person=lambda *_: person)
        assert reply.result and reply.result.sanction, reply
        return reply.result.sanction.sanction_id

    assert told(client) == (False, None)
    ban = banned(None)
    assert (told(client), told(Client())) == ((True, None), (False, None))
    assert client.get("/live/another/ban/").json()["isBanned"] is False
    assert services.perform(slug, who, LiftSanction(ban), timezone.now()).error is None
    assert told(client) == (False, None)
    banned(600)
    is_banned, left = told(client)
    assert is_banned and left and 590_000 < left <= 600_000
    Sanction.objects.filter(ended_at=None).update(created_at=NOW, until=NOW + timedelta(seconds=1))
    assert told(client) == (False, None), "its time is over, whatever the clock says"


def test_s17_nothing_changes_without_the_token(slug: str) -> None:
    careful = Client(enforce_csrf_checks=True)
    for path in (f"/live/{slug}/ticket/", "/name/", "/accounts/signup/", "/accounts/login/", "/accounts/logout/"):
        assert careful.post(path).status_code == 403, path


def test_unknown_rooms_are_404_everywhere(host: Client) -> None:
    assert [host.get(p).status_code for p in ("/live/none/", "/live/none/studio/")] == [404, 404]
    assert host.post("/live/none/ticket/").status_code == 404


def test_s28_pages_cannot_be_framed_and_scripts_need_the_nonce(client: Client, slug: str) -> None:
    response = client.get(f"/live/{slug}/")
    policy = response["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy and "require-trusted-types-for 'script'" in policy
    script = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe" not in script and "nonce-" in script
    assert response["X-Frame-Options"] == "DENY"
    assert response["Permissions-Policy"].startswith("camera=(self), microphone=(self)")


def test_sign_up_logs_in_and_names_obey_the_rule(client: Client) -> None:
    fields = {"username": "Nina", "password1": "correct horse battery", "password2": "correct horse battery"}
    assert client.post("/accounts/signup/", fields)["Location"] == "/studio/"
    assert client.get("/studio/").status_code == 200
    again = Client().post("/accounts/signup/", fields | {"username": "nina"})
    assert again.status_code == 200 and again.context["form"].errors, "the same name in other letters is taken"


def test_health(client: Client) -> None:
    assert client.get("/livez").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"database": "ok"}
