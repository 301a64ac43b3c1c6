"""The generated files agree with the language, and nothing that the language says is missing from them."""

import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import msgspec
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from msgspec.structs import replace

from micconnect.domain.internal import AnyCommand, Tick
from micconnect.domain.notices import notices
from micconnect.domain.outcome import Refused
from micconnect.domain.room import Actor, Person, RoomState
from micconnect.domain.rules import decide
from micconnect.management import generate
from micconnect.management.generate import language
from micconnect.protocol import callbacks as cb
from micconnect.protocol import commands as c
from micconnect.protocol.callbacks import CALLBACK_TYPES, Callback, Lane
from micconnect.protocol.codes import CLOSES, ERRORS, CloseCode, ErrorCode
from micconnect.protocol.commands import COMMAND_TYPES
from micconnect.protocol.frames import decode
from micconnect.protocol.words import Device, LinkMedia, Role

CLOCK = Actor(person=Person(user_id="clock", name="clock"), role=Role.CLOCK)
ROOT = Path(settings.BASE_DIR)
FILES = sorted(generate.GENERATORS)
READY = {
    "ref": "1",
    "requestId": "r1",
    "isAccepted": True,
    "isLocked": True,
    "isOpen": True,
    "media": "audio",
    "device": "camera",
    "userId": "u",
    "versions": [1],
    "ticket": "t",
    "sdp": "v=0",
    "watchId": "w",
}


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_the_committed_files_are_up_to_date() -> None:
    call_command("genprotocol", "--check")


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_is_found_and_named(name: str, copies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = copies / name
    path.write_bytes(path.read_bytes().replace(b"apply", b"aqply", 1))
    monkeypatch.setattr(settings, "BASE_DIR", copies)
    with pytest.raises(CommandError, match=f"^out of date: {re.escape(name)}\\."):
        call_command("genprotocol", "--check")
    assert path.read_bytes() != (ROOT / name).read_bytes(), "--check must not write"


def test_writing_repairs_only_what_is_stale(copies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (copies / FILES[0]).unlink()
    monkeypatch.setattr(settings, "BASE_DIR", copies)
    out = StringIO()
    call_command("genprotocol", stdout=out)
    assert out.getvalue() == f"wrote {FILES[0]}\n"
    assert generate.stale(copies) == []


@pytest.mark.parametrize("name", FILES)
def test_every_word_of_the_language_is_in_every_file(name: str) -> None:
    text = (ROOT / name).read_text()
    tags = [str(cls.__struct_config__.tag) for cls in (*COMMAND_TYPES, *CALLBACK_TYPES)]
    codes = [code.value for code in ERRORS] + [str(code) for code in CLOSES]
    missing = [word for word in tags + codes if not re.search(rf"\b{word}\b", text)]
    assert missing == []


@pytest.mark.parametrize("name", FILES)
def test_every_error_and_close_is_told_with_its_text(name: str) -> None:
    text = (ROOT / name).read_text()
    sentences = [text for text, _ in (*ERRORS.values(), *CLOSES.values())]
    assert [sentence for sentence in sentences if sentence not in text] == []


def test_every_close_code_has_a_name_and_a_text() -> None:
    assert sorted(language.close_names().values()) == sorted(CLOSES)
    assert language.close_names()["TAKEN_OVER"] == CloseCode.TAKEN_OVER == 4010


SAMPLED = {(cb.OnRoomUserCountChanged, Lane.ROOM), (cb.OnMediaServerChanged, Lane.ROOM)}


def test_the_lanes_in_the_text_are_those_on_which_callbacks_travel() -> None:
    """A show in which everything happens once, against the lanes as they are printed. Samples are told by the hub."""
    printed = {(cls, lane) for cls in CALLBACK_TYPES for lane in language.lanes(cls)}
    assert printed == a_whole_show() | SAMPLED


def a_whole_show() -> set[tuple[type[Callback], Lane]]:
    """Which callbacks were heard on which lanes while requests and connections ended in each way."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    host, alice = Person(user_id="h", name="Host"), Person(user_id="a", name="Alice")
    staff, guest = Actor(person=host, role=Role.HOST), Actor(person=alice, role=Role.AUDIENCE)
    room = RoomState(slug="demo", title="", host=host, seat_count=9, request_timeout_s=60, epoch="e")
    heard: set[tuple[type[Callback], Lane]] = set()

    def do(actor: Actor, command: AnyCommand) -> None:
        nonlocal room, now
        now += timedelta(minutes=2)  # longer than any cool-down and any wait
        outcome = decide(replace(room, invitee=alice), actor, command, now)
        heard.update((type(told), notice.lane) for notice in notices(room, outcome) for told in notice.callbacks)
        room = outcome.room

    def open_request() -> str:
        return room.requests[0].request_id

    apply, invite = c.Apply(media=LinkMedia.AUDIO, timeout_s=0), c.Invite(user_id="a", timeout_s=0)
    lock = c.LockDevice(user_id="a", device=Device.MICROPHONE, is_locked=True)
    do(staff, c.GoLive())
    for cancel in (lambda: c.CancelApplication(), lambda: c.Leave()):
        do(guest, apply)
        do(guest, cancel())
    do(guest, apply)
    do(staff, c.RespondToApplication(request_id=open_request(), is_accepted=False))
    do(staff, invite)
    do(guest, c.RespondToInvitation(request_id=open_request(), is_accepted=False))
    do(staff, invite)
    do(staff, c.CancelInvitation(request_id=open_request()))
    do(guest, c.Apply(media=LinkMedia.AUDIO))
    do(CLOCK, Tick())
    do(staff, invite)
    do(guest, c.RespondToInvitation(request_id=open_request(), is_accepted=True))
    do(guest, c.LeaveSeat())
    do(guest, apply)
    do(staff, c.RespondToApplication(request_id=open_request(), is_accepted=True))
    do(staff, lock)
    do(staff, replace(lock, is_locked=False))
    do(staff, c.DisconnectUser(user_id="a"))
    do(guest, apply)
    do(staff, c.EndLive())
    return heard


def test_the_text_names_as_senders_only_those_who_may_send() -> None:
    """What is said to be the staff's or the host's is refused to the audience."""
    host, alice = Person(user_id="h", name="Host"), Person(user_id="a", name="Alice")
    room = RoomState(slug="demo", title="", host=host, seat_count=9, request_timeout_s=60, epoch="e")
    theirs = [info for info in language.command_messages() if info.who in {"Host", "Staff"}]
    assert len(theirs) == 7
    for info in theirs:
        command = msgspec.convert(
            {"type": info.tag} | {f.name: READY.get(f.name) for f in info.fields if f.is_required}, info.cls
        )
        with pytest.raises(Refused) as refused:
            decide(room, Actor(person=alice, role=Role.AUDIENCE), command, datetime.now(UTC))
        assert refused.value.code is ErrorCode.FORBIDDEN, info.tag


def test_the_typedefs_say_what_a_sender_may_leave_out() -> None:
    text = (ROOT / "static/micconnect/protocol.js").read_text()
    apply = text.split("@typedef {object} Apply\n")[1].split("*/")[0]
    assert " * @property {LinkMedia} media\n" in apply
    assert " * @property {string} [note]\n" in apply
    # what the server sends is always there, if only as null
    assert " * @property {string | null} expiresAt\n" in text.split("@typedef {object} RequestInfo\n")[1]


def test_every_reference_inside_the_asyncapi_document_leads_somewhere() -> None:
    document = json.loads((ROOT / "docs/asyncapi.json").read_text())
    references = set(re.findall(r'"\$ref": "#/([^"]+)"', (ROOT / "docs/asyncapi.json").read_text()))
    assert references
    for reference in references:
        place = document
        for part in reference.split("/"):
            assert part in place, reference
            place = place[part]


def test_a_message_by_its_schema_is_one_that_the_decoder_takes() -> None:
    """The schema of a client's message asks for `ref` where `decode` does, and for nothing that it would refuse."""
    schemas = json.loads((ROOT / "docs/asyncapi.json").read_text())["components"]["schemas"]
    for info in language.command_messages() + language.query_messages():
        schema = schemas[info.name]
        frame = {name: READY[name] for name in schema["required"] if name != "type"} | {"type": info.tag}
        assert decode(json.dumps(frame)).message.__class__ is info.cls
        assert set(schema["properties"]) == {"type", "ref", *(field.name for field in info.fields)}


def test_every_link_within_the_protocol_text_leads_to_a_heading() -> None:
    text = (ROOT / "docs/protocol.md").read_text()
    headings = {
        re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, re.M)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) - headings == set()
