"""The pages and their small requests: who sees which, who gets which ticket, what a name may be."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from micconnect import auth, services, store
from micconnect.domain.room import Person
from micconnect.models import Room, Seat
from micconnect.protocol.commands import GoLive
from micconnect.protocol.words import Role
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def hannah() -> User:
    return User.objects.create_user("Hannah", password="secret secret")


@pytest.fixture
def slug(hannah: User) -> str:
    return store.create_room(
        host=auth.account_person(hannah), host_account_id=hannah.pk, title="Bread & <b>butter</b>"
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
        slug = store.create_room(host=host.person, title=f"Show {number}").slug
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


@pytest.mark.parametrize("name", ["", "\u202e", "x" * 41])
def test_a_name_that_cannot_be_is_refused_with_words(client: Client, name: str) -> None:
    response = client.post("/name/", {"name": name})
    assert response.status_code == 400 and response.json()["error"]["code"] == "BAD_NAME"


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
