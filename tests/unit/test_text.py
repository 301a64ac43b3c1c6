"""What a stranger's text may hold: nothing hidden, nothing that turns its surroundings, and all that has a meaning."""

import unicodedata
from typing import get_type_hints

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from micconnect.names import BadName, clean_name, known_name
from micconnect.protocol import commands as c
from micconnect.protocol import words as w
from micconnect.protocol.words import NAME_MAX
from micconnect.text import clean_data, clean_line, cut, escaped, is_picture_address, isolated

FAMILY = "👨\u200d👩\u200d👧\u200d👦"
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"

MEANT = {
    "Persian, kept apart": "می\u200cخواهم",
    "Hindi, half a letter": "क्\u200dष",
    "Hindi, no ligature": "क्\u200cष",
    "Bengali, ra and ya": "র\u200d্যাব",
    "a family": FAMILY,
    "a trade with a colour of skin": "👩🏽\u200d🚀",
    "a rainbow flag": "🏳\ufe0f\u200d🌈",
    "the flag of England": ENGLAND,
    "a keycap": "1\ufe0f\u20e3",
    "a heart as a picture": "❤\ufe0f",
    "a registered Han variant": "葛\U000e0100城",
    "a Mongolian variant": "ᠠ\u180bᠠ",
    "a Myanmar variant": "က\ufe00က",
    "Hebrew with points": "שָׁלוֹם",
    "full-width Chinese": "你好！（欢迎）",
    "an emoji that is newer than the data": "\U0001faff",
}
HIDDEN = {
    "joiner in Latin": ("An\u200dna", "Anna"),
    "non-joiner in Latin": ("An\u200cna", "Anna"),
    "grapheme joiner": ("An\u034fna", "Anna"),
    "Hangul filler": ("An\u3164na", "Anna"),
    "variation selector on a letter": ("Anna\ufe00", "Anna"),
    "picture selector on a digit": ("1\ufe0f", "1"),
    "tags without a flag": ("Anna\U000e0061\U000e007f", "Anna"),
    "non-joiner at the end": ("می\u200c ما", "می ما"),
    "direction": ("a\u202eb\u2066c\u200ed\u061c", "abcd"),
    "soft hyphen and blanks of no width": ("A\u00adn\u200bn\u2060a\ufeff", "Anna"),
    "controls": ("A\x00n\x1b[31mn\x7fa\x9b", "An[31mna"),
    "line breaks": ("one\r\ntwo\u2028three\u2029four\x85five\x0bsix", "one two three four five six"),
    "blanks": ("one\u3000two\u2800three\u00a0\u00a0four", "one two three four"),
    "private and no characters": ("A\ue000n\ufdd0n\ufffca", "Anna"),
    "half of a pair": ("A\ud800nna", "Anna"),
    "marks before anything": ("\u0301\u0489Anna", "Anna"),
    "a tower": ("Z" + "\u0334\u0489" * 20, "Z" + "\u0334\u0489" * 2),
    "a tower that joiners hold up": ("क" + "्\u200d" * 9, "क" + "्\u200d" * 4),
}
NOTHING_SEEN = ["", " ", "\n", "\t\r\n", "\u3164", "\u115f", "\u1160", "\uffa0", "\u2800", "\U0001d159", "\u034f"]
NOTHING_SEEN += ["\u200b\u200d", "\u202e", "\ufe0f", "\u0301", "\u0301\u0489", "\u00ad", "\u3000", "\u2028", "\u180e"]
NOTHING_SEEN += ["\U000e0041", "\ue000", "\U00013441", "\ufffc", "\u2062", "\u17b4", "\U0001d173", "\ud800"]


@pytest.mark.parametrize("text", MEANT.values(), ids=MEANT)
def test_what_has_a_meaning_stays(text: str) -> None:
    assert clean_line(text) == clean_data(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(("text", "kept"), HIDDEN.values(), ids=HIDDEN)
def test_what_is_hidden_or_turns_goes(text: str, kept: str) -> None:
    assert clean_line(text) == kept


@pytest.mark.parametrize("text", NOTHING_SEEN, ids=ascii)
def test_what_shows_nothing_is_empty_and_no_name(text: str) -> None:
    assert clean_line(text) == ""
    with pytest.raises(BadName):
        clean_name(text)
    assert known_name(text, "Guest 7") == "Guest 7"


def test_names_are_compatible_letters_and_other_texts_are_not() -> None:
    assert clean_name("Ａｎｎａ ①") == "Anna 1"
    assert clean_line("Ａｎｎａ ①") == "Ａｎｎａ ①"


@pytest.mark.parametrize("text", [*MEANT.values(), FAMILY], ids=[*MEANT, "once more"])
def test_names_keep_what_has_a_meaning(text: str) -> None:
    assert clean_name(text) == unicodedata.normalize("NFKC", text)


def test_programs_keep_their_spaces_and_lines_and_lose_what_is_hidden() -> None:
    assert clean_data('{"a":  1,\n\t"b": "x\u202ey\u2028z"}\r\n') == '{"a":  1,\n\t"b": "xy z"}\n'
    assert clean_data("  plain  ") == "  plain  "


texts = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("aé\u0301 \u200c\u200d\ufe0f\u094d\u093cकیش1👩🏽🏴\u20e3\U000e0067\U000e007f\u180bᠠ葛"),
    )
)


@given(texts)
def test_cleaning_once_is_enough_and_nothing_hidden_is_left_alone(text: str) -> None:
    for clean in (clean_line, clean_data, lambda t: clean_line(t, "NFKC")):
        once = clean(text)
        assert clean(once) == once
        assert not regex.search(r"[\p{Bidi_Control}\p{Cs}\u3164\u034f\u2028\u2029]", once)
    assert not regex.search(r"^\p{M}|\p{Cc}|^ | $|  ", clean_line(text))


# -- limits cut nothing in half
def test_a_name_is_cut_between_what_people_see_as_characters() -> None:
    assert known_name(FAMILY * 6, "") == FAMILY * 5, "seven code points each, forty fit"
    assert known_name("x" * 41, "") == "x" * 40
    assert cut("e\u0301" * 3, 3) == "e\u0301"
    assert cut(FAMILY, 6) == ""
    assert cut("one two", 4) == "one"
    assert cut("x" * NAME_MAX, NAME_MAX) == "x" * NAME_MAX


# -- every way in makes a command, and no command holds a text that is not clean

NOT_FOR_EYES = {"user_id", "request_id", "link_id", "sanction_id", "token"}  # looked up, never shown
BY_A_RULE = {"cover"}  # an address, which the rule refuses or takes


@pytest.mark.parametrize("kind", c.COMMAND_TYPES, ids=lambda kind: kind.__name__)
def test_no_command_holds_a_text_that_is_not_clean(kind: type[c.Command]) -> None:
    needed = {"media": w.LinkMedia.AUDIO, "is_accepted": True, "seat_index": 1, "is_locked": True, "is_open": True}
    needed |= {"seconds": 60, "device": w.Device.CAMERA, "is_moderator": True, "is_backstage": True, "is_ready": True}
    needed |= {"seq": 1, "entries": {"a\u202e": "b\u202e"}}
    hints = get_type_hints(kind)
    for name, hint in hints.items():
        if hint in (str, str | None) and name not in BY_A_RULE | NOT_FOR_EYES:
            needed[name] = "a\u202e\u3164b"
        elif hint in (str, str | None):
            needed[name] = "x"
    command = kind(**{name: value for name, value in needed.items() if name in hints})
    found = [getattr(command, name) for name in hints if name not in NOT_FOR_EYES]
    assert "\u202e" not in str(found) and "\\u202e" not in ascii(found)


def test_the_same_key_written_twice_is_one() -> None:
    assert c.SetMetadata({"a": "1", "a\u200b": "2\u202e", "b\u2060": None}).entries == {"a": "2", "b": None}


# -- out: terminals, logs, titles
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[31mred\x1b[0m", "\\u001b[31mred\\u001b[0m"),
        ("one\r\ntwo", "one\\u000d\\u000atwo"),
        ("a\u2028b\u2029c\x85d\x9be", "a\\u2028b\\u2029c\\u0085d\\u009be"),
        ("a\u202eb\u2066\u200f\u061c", "a\\u202eb\\u2066\\u200f\\u061c"),
        ("\x7f\u3164\ud800\U0001d173", "\\u007f\\u3164\\ud800\\ud834\\udd73"),
        (f"{FAMILY} 陈伟 می\u200cخواهم", f"{FAMILY} 陈伟 می\u200cخواهم"),
    ],
)
def test_terminals_get_what_controls_or_turns_them_as_escapes(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_an_isolated_text_cannot_end_its_own_isolation() -> None:
    assert isolated("a\u2069\u202eb") == "\u2068ab\u2069"


@pytest.mark.parametrize(
    ("text", "is_good"),
    [
        ("", True),
        ("/media/c.png", True),
        ("/", True),
        ("https://example.org/c.png?a=1#b", True),
        ("https://example.org", True),
        ("https://[2001:db8::1]:8443/c.png", True),
        ("//other.site/x.png", False),
        ("/\\other.site/x.png", False),
        ("/\t/other.site/x.png", False),
        ("\\\\other.site/x.png", False),
        ("https:other.site", False),
        ("https:///x.png", False),
        ("https:\\\\other.site", False),
        ("https://user@other.site/", False),
        ("http://example.org/c.png", False),
        ("javascript:alert(1)", False),
        ("data:image/png;base64,AA", False),
        ("media/c.png", False),
        ("/a b", False),
        ("/a\n", False),
        ("\n", False),
        ("/a\u202e.png", False),
    ],
)
def test_a_cover_is_an_https_address_or_a_path_on_this_site(text: str, is_good: bool) -> None:
    assert is_picture_address(text) is is_good
