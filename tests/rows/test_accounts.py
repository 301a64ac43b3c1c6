"""Accounts: the way back through both forms, one account for a name, and what a guest had goes over to the account."""

from collections.abc import Iterator
from threading import Barrier
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import set_script_prefix
from msgspec.structs import replace

from micconnect import auth, services, store
from micconnect.domain.internal import PersonBecame
from micconnect.domain.room import Actor
from micconnect.forms import SignUpForm
from micconnect.models import Connection, Member, Sanction, SeatRequest
from micconnect.protocol import commands as c
from micconnect.protocol.views import RoomOptions
from micconnect.protocol.words import Device, LinkMedia
from tests.conftest import BOB, HOST, after
from tests.rows.histories import History, fresh
from tests.rows.racing import StartingLine, open_room, person, starting_line

PASSWORD = "correct horse battery"
LOGIN, SIGNUP = "/accounts/login/", "/accounts/signup/"
ROOM = "/live/abc/"


def new(name: str, **fields: str) -> dict[str, str]:
    return {"username": name, "password1": PASSWORD, "password2": PASSWORD, **fields}


# -- the way back -----------------------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize("page", [LOGIN, SIGNUP])
def test_the_way_back_stands_in_every_link_between_the_forms_and_survives_bad_input(client: Client, page: str) -> None:
    wrong = {"username": "Nina", "password": "wrong", "password1": PASSWORD, "password2": "other", "next": ROOM}
    for response in (client.get(page, {"next": ROOM}), client.post(page, wrong)):
        html = response.content.decode()
        assert response.status_code == 200 and f'<input type="hidden" name="next" value="{ROOM}">' in html
        for other in (LOGIN, SIGNUP):
            assert f'href="{other}?next={quote(ROOM, safe="")}"' in html and f'href="{other}"' not in html


@pytest.mark.django_db
def test_signing_up_and_logging_in_lead_back_and_without_a_way_to_the_own_rooms(client: Client) -> None:
    assert client.post(SIGNUP, new("Nina", next=ROOM))["Location"] == ROOM
    for page in (LOGIN, SIGNUP):
        assert client.get(page, {"next": ROOM})["Location"] == ROOM, "who is logged in already"
        assert client.get(page, {"next": page})["Location"] == "/studio/", "and not round in circles"
    known = {"username": "Nina", "password": PASSWORD}
    assert Client().post(LOGIN, known | {"next": ROOM})["Location"] == ROOM
    assert Client().post(LOGIN, known)["Location"] == "/studio/"
    assert Client().post(SIGNUP, new("Ben"))["Location"] == "/studio/"


ELSEWHERE = [
    "http://evil.example/live/abc/",
    "//evil.example",
    "///evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "http://[",
    LOGIN,
    "/accounts/logout/",
    "",
]


@pytest.mark.django_db
@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_way_leads_off_the_site(target: str) -> None:
    User.objects.create_user("Nina", password=PASSWORD)
    signed_up = Client().post(SIGNUP, new("Ben", next=target))
    logged_in = Client().post(LOGIN, {"username": "Nina", "password": PASSWORD, "next": target})
    assert signed_up["Location"] == logged_in["Location"] == "/studio/"
    assert "next=" not in Client().get(SIGNUP, {"next": target}).content.decode()


@pytest.fixture
def prefix(settings: Any) -> Iterator[None]:
    """The site is a part of a host that has others too."""
    settings.URL_PREFIX = settings.FORCE_SCRIPT_NAME = "/mic"
    set_script_prefix("/mic/")
    yield
    set_script_prefix("/")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("target", "goes_to"),
    [
        ("/mic/live/abc/", "/mic/live/abc/"),
        ("http://testserver/mic/live/abc/", "http://testserver/mic/live/abc/"),
        ("/live/abc/", "/mic/studio/"),
        ("/mice/", "/mic/studio/"),
        ("/mic/../other/", "/mic/studio/"),
        ("/mic/%2e%2E/other/", "/mic/studio/"),
        ("../../../other/", "/mic/studio/"),
        ("/mic/accounts/login/", "/mic/studio/"),
    ],
)
def test_under_a_path_the_way_stays_under_it(prefix: None, client: Client, target: str, goes_to: str) -> None:
    assert client.post(SIGNUP, new("Nina", next=target))["Location"] == goes_to


@pytest.mark.django_db
def test_the_links_of_a_rooms_page_lead_back_to_it(client: Client) -> None:
    slug = store.create_room(host=HOST.person, options=RoomOptions(title="Show")).slug
    page = client.get(f"/live/{slug}/").content.decode()
    assert page.count(f"?next={quote(f'/live/{slug}/', safe='')}") == 2
    assert "next=" not in client.get("/").content.decode()


# -- one account for a name -------------------------------------------------------------------------------------------
@pytest.fixture
def line(transactional_db: None) -> Iterator[StartingLine]:
    with starting_line() as line:
        yield line


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("names", [("Nina",) * 4, ("Nina", "nina", "NINA", "nINA")], ids=["same", "other letters"])
def test_of_four_who_sign_up_under_one_name_one_gets_it_and_the_others_are_told(
    line: StartingLine, names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = SignUpForm.clean_username
    for number in range(3):
        gate = Barrier(len(names))

        def clean(form: SignUpForm, gate: Barrier = gate) -> str:
            """All have found the name free before the first of them takes it."""
            found = checked(form)
            gate.wait()
            return found

        monkeypatch.setattr(SignUpForm, "clean_username", clean)
        fields = [new(f"{name}{number}") for name in names]
        answers = line.go(*(lambda one=one: Client().post(SIGNUP, one) for one in fields))
        assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 302]
        for answer in answers:
            if answer.status_code == 200:
                assert answer.context["form"].errors == {"username": ["A user with that username already exists."]}
        assert User.objects.filter(username__iexact=f"nina{number}").count() == 1


# -- the session knows both -------------------------------------------------------------------------------------------
def was(client: Client, slug: str) -> str:
    """Which guest the account of a browser was, as its ticket says."""
    return auth.read_ticket(slug, client.post(f"/live/{slug}/ticket/").json()["ticket"]).was


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["signs up", "logs in"])
def test_a_ticket_names_the_guest_who_logged_in_in_this_browser_and_no_other(client: Client, way: str) -> None:
    slug = store.create_room(host=HOST.person, options=RoomOptions(title="Show")).slug
    guest = client.post(f"/live/{slug}/ticket/").json()["user"]["userId"]
    assert was(client, slug) == "", "a guest was nobody else"
    if way == "signs up":
        client.post(SIGNUP, new("Nina"))
    else:
        User.objects.create_user("Nina", password=PASSWORD)
        client.post(LOGIN, {"username": "Nina", "password": PASSWORD})
    assert was(client, slug) == guest
    client.post("/accounts/logout/")
    assert client.post(f"/live/{slug}/ticket/").json()["user"]["userId"] == guest and was(client, slug) == ""
    elsewhere = Client()
    elsewhere.cookies["mic_guest"] = f"{guest}:"
    elsewhere.post(LOGIN, {"username": "Nina", "password": PASSWORD, "former_guest": guest})
    assert was(elsewhere, slug) == "", "what a client claims counts for nothing"


# -- what goes over, in rows ------------------------------------------------------------------------------------------
GUEST, ACCOUNT = person("G1"), person("U1")
BECAME = PersonBecame("g1", "u1", "U1")


def ok(slug: str, who: Actor, command: Any, at: float = 0) -> None:
    reply = services.perform(slug, who, command, after(at), find_person=lambda *_: GUEST.person)
    assert reply.error is None, reply


@pytest.fixture
def slug(db: None) -> str:
    slug = open_room()
    ok(slug, HOST, c.GoLive())
    return slug


def test_request_helpers_rights_and_locks_go_over_in_their_rows(slug: str) -> None:
    ok(slug, HOST, c.SetModerator("g1", True))
    ok(slug, HOST, c.LockDevice("g1", Device.CAMERA, True))
    ok(slug, GUEST, c.Apply(LinkMedia.AUDIO, timeout_s=0))
    ok(slug, BOB, c.Apply(LinkMedia.AUDIO, timeout_s=0))
    ok(slug, services.CLOCK, BECAME, 40)
    assert [r.person.user_id for r in fresh(slug).applications()] == ["u1", "bob"]
    assert set(SeatRequest.objects.values_list("user_id", "state")) == {("u1", "pending"), ("bob", "pending")}
    rows = {m.user_id: m for m in Member.objects.all()}
    assert (rows["u1"].is_moderator, rows["u1"].is_camera_locked, rows["u1"].became) == (True, True, "")
    assert (rows["g1"].is_moderator, rows["g1"].is_camera_locked, rows["g1"].became) == (None, True, "u1")
    assert rows["g1"].became_at == after(40)


def test_a_seat_goes_over_in_its_row_and_the_ban_after_it_counts_for_both(slug: str) -> None:
    ok(slug, HOST, c.PlaceUser("g1"))
    ok(slug, services.CLOCK, BECAME, 5)
    assert Connection.objects.exclude(state="ended").exclude(user_id="host").get().user_id == "u1"
    assert fresh(slug).seats == store.read(slug).seats and fresh(slug).occupant(1) is not None
    ok(slug, HOST, c.BanUser("u1"), 6)
    assert list(Sanction.objects.filter(ended_at=None).values_list("user_id", "kind")) == [("u1", "room_ban")]


def test_a_banned_guest_is_banned_by_the_account_in_this_room_and_in_no_other(slug: str) -> None:
    other = open_room()
    ok(other, HOST, c.GoLive())
    ok(slug, HOST, c.BanUser("g1"))
    for room in (slug, other):
        ok(room, services.CLOCK, BECAME, 5)
    assert set(Sanction.objects.filter(ended_at=None).values_list("room__slug", "user_id")) == {
        (slug, "g1"),
        (slug, "u1"),
    }
    ok(slug, HOST, c.LiftSanction(fresh(slug).sanctions[1].sanction_id), 6)
    assert not Sanction.objects.filter(ended_at=None).exists()


def test_two_windows_that_come_back_at_once_hand_over_once(line: StartingLine) -> None:
    history = History(open_room())
    for who, command in ((HOST, c.GoLive()), (GUEST, c.Apply(LinkMedia.AUDIO, timeout_s=0))):
        assert history.perform(who, command, after(0)).error is None
    late = replace(GUEST, proven_at=after(0))
    calls = [(services.CLOCK, BECAME)] * 3 + [(late, c.CancelApplication()), (late, c.Apply(LinkMedia.VIDEO))]
    line.go(*(lambda who=who, what=what: history.perform(who, what, after(5)) for who, what in calls))
    room = history.check()
    assert room.request_of("g1") is None
    assert SeatRequest.objects.filter(user_id="g1", state="pending").count() == 0
