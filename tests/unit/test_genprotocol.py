"""The generated files agree with the language, and nothing that the language says is missing from them."""

import json
import re
import shutil
from datetime import timedelta
from io import StringIO
from pathlib import Path

import msgspec
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from msgspec.structs import replace

from micconnect.domain.internal import AnyCommand, Tick
from micconnect.domain.notices import notices
from micconnect.domain.room import Actor
from micconnect.domain.rules import decide
from micconnect.management import generate
from micconnect.management.generate import language
from micconnect.protocol import callbacks as cb
from micconnect.protocol import commands as c
from micconnect.protocol.callbacks import CALLBACK_TYPES, Callback, Lane
from micconnect.protocol.codes import CLOSES, ERRORS, NUMBERS, CloseCode, ErrorCode
from micconnect.protocol.commands import COMMAND_TYPES
from micconnect.protocol.frames import decode
from micconnect.protocol.words import LAYOUT_SEATS, Device, LinkMedia
from tests.unit.rooms import ALICE, CLOCK, HOST, MONA, NOW, code, idle_room, live_room, request_of

ROOT = Path(settings.BASE_DIR)
FILES = sorted(generate.GENERATORS)
READY = {
    "rttMs": 40,
    "ref": "1",
    "cursors": {"epoch": "e", "userId": "u", "role": "audience", "room": 1, "staff": 0, "me": 1},
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
    "entries": {"topic": "bass"},
    "seq": 1,
    "linkId": "l1",
    "token": "t",
    "seatIndex": 1,
    "seconds": 60,
    "isBackstage": False,
    "isReady": True,
    "isModerator": True,
    "sanctionId": "x1",
    "note": "n",
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


SAMPLED = {
    (cb.OnRoomUserCountChanged, Lane.ROOM),
    (cb.OnUserVoiceVolumeChanged, Lane.ROOM),
    (cb.OnUserNetworkQualityChanged, Lane.ROOM),
    (cb.OnMediaServerChanged, Lane.ROOM),
    (cb.OnPicturesChanged, Lane.ROOM),
    (cb.OnMediaMoved, Lane.ROOM),
}


def test_the_lanes_in_the_text_are_those_on_which_callbacks_travel() -> None:
    """A show in which everything happens once, against the lanes as they are printed. Samples are told by the hub."""
    printed = {(cls, lane) for cls in CALLBACK_TYPES for lane in language.lanes(cls)}
    assert printed == a_whole_show() | SAMPLED


def a_whole_show() -> set[tuple[type[Callback], Lane]]:
    """Which callbacks were heard on which lanes while everything that has one of its own happened once."""
    now, room = NOW, idle_room()
    heard: set[tuple[type[Callback], Lane]] = set()

    def do(who: Actor, command: AnyCommand) -> None:
        nonlocal room, now
        now += timedelta(minutes=2)  # longer than any cool-down and any wait
        outcome = decide(replace(room, invitee=ALICE.person), who, command, now)
        heard.update((type(told), notice.lane) for notice in notices(room, outcome) for told in notice.callbacks)
        room = outcome.room

    def answer_application(*, is_accepted: bool) -> None:
        request_id = request_of(room, ALICE).request_id
        do(HOST, c.RespondToApplication(request_id=request_id, is_accepted=is_accepted))

    def answer_invitation(*, is_accepted: bool) -> None:
        request_id = request_of(room, ALICE).request_id
        do(ALICE, c.RespondToInvitation(request_id=request_id, is_accepted=is_accepted))

    def lift() -> None:
        do(HOST, c.LiftSanction(sanction_id=room.sanctions[-1].sanction_id))

    apply, invite = c.Apply(media=LinkMedia.AUDIO, timeout_s=0), c.Invite(user_id="alice", timeout_s=0)
    microphone = {"user_id": "alice", "device": Device.MICROPHONE}
    do(HOST, c.GoLive())
    do(HOST, c.SetMetadata(entries={"topic": "bass"}))
    do(HOST, c.LockSeat(seat_index=2, is_locked=True))
    do(HOST, c.CreateInviteLink())
    for cancel in (c.CancelApplication(), c.Leave()):
        do(ALICE, apply)
        do(ALICE, cancel)
    do(ALICE, apply)
    answer_application(is_accepted=False)
    do(HOST, invite)
    answer_invitation(is_accepted=False)
    do(HOST, invite)
    do(HOST, c.CancelInvitation(request_id=request_of(room, ALICE).request_id))
    do(ALICE, c.Apply(media=LinkMedia.AUDIO))
    do(CLOCK, Tick())
    do(HOST, invite)
    answer_invitation(is_accepted=True)
    do(ALICE, c.LeaveSeat())
    do(ALICE, apply)
    answer_application(is_accepted=True)
    do(HOST, c.LockDevice(**microphone, is_locked=True))
    do(ALICE, c.AskToSpeak(device=Device.MICROPHONE))
    do(HOST, c.AskToOpen(**microphone))
    do(HOST, c.DisconnectUser(user_id="alice"))
    for is_moderator in (True, False):
        do(HOST, c.SetModerator(user_id="alice", is_moderator=is_moderator))
    for sanction in (c.BarUser(user_id="alice"), c.BanUser(user_id="alice")):
        do(HOST, sanction)
        lift()
    do(ALICE, apply)
    do(HOST, c.EndLive())
    return heard


def test_the_text_names_as_senders_only_those_who_may_send() -> None:
    """What is said to be the staff's or the host's is refused to the audience, and what is the host's to a helper."""
    for refused_to, openings in ((ALICE, {"Host", "Staff"}), (MONA, {"Host"})):
        theirs = [info for info in language.command_messages() if info.who in openings]
        assert theirs
        for info in theirs:
            command = msgspec.convert(
                {"type": info.tag} | {f.name: READY.get(f.name) for f in info.fields if f.is_required}, info.cls
            )
            assert code(live_room(), refused_to, command) is ErrorCode.FORBIDDEN, info.tag


def test_the_numbers_and_the_seats_of_the_layouts_are_told() -> None:
    text = (ROOT / "docs/protocol.md").read_text()
    for word, number in NUMBERS.items():
        assert f"| `{word}` | {number} |" in text
    script = (ROOT / "static/micconnect/protocol.js").read_text()
    for layout, seats in LAYOUT_SEATS.items():
        assert f"| `{layout.value}` | {seats} |" in text
        assert f'"{layout.value}": {seats},' in script


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
