"""What a stranger's text may hold, and how it is shown where no markup can keep it apart.

Cleaning judges by Unicode's own data, as the library `regex` carries it: what shows nothing goes, except where it has
a meaning, and no text can turn, break or cover what stands around it.
"""

import unicodedata
from typing import Literal

import regex

MARKS_IN_A_ROW_MAX = 4  # Hebrew with points and accents, and Tibetan, need as many; more is a tower
FSI, PDI = "\u2068", "\u2069"

# invisible, but with a meaning between certain neighbours, which MEANT names
_DOUBTFUL = r"\u200C\u200D\u180B-\u180F\uFE00-\uFE02\uFE0E\uFE0F\U000E0030-\U000E007F\U000E0100-\U000E01EF"
_MEANT = r"""
    # letters that must (not) join: RFC 5892, appendices A.1 and A.2
    (?<=\p{ccc=9}) [\u200C\u200D]
  | (?<=[\p{JT=L}\p{JT=D}]\p{JT=T}{0,8}) \u200C (?=\p{JT=T}{0,8}[\p{JT=R}\p{JT=D}])
    # and before a virama, as some clusters of Bengali and Kannada are written
  | (?<=\p{Lo}) \u200D (?=\p{ccc=9})
    # emoji (UTS #51): families and trades, pictures of signs, keycaps, flags of countries within countries
  | (?<=\p{Extended_Pictographic}[\p{Emoji_Modifier}\uFE0F]{0,2}) \u200D (?=\p{Extended_Pictographic})
  | (?<=[\p{Emoji}--[0-9\#*]]) [\uFE0E\uFE0F]
  | (?<=[0-9\#*]) \uFE0F (?=\u20E3)
  | (?<=\U0001F3F4) [\U000E0030-\U000E0039\U000E0061-\U000E007A]{3,6} \U000E007F
    # variants of letters: Han (people's names are registered with them), Mongolian, Myanmar, Phags-pa
  | (?<=\p{Han}) [\uFE00-\uFE02\U000E0100-\U000E01EF]
  | (?<=\p{Mongolian}) [\u180B-\u180D\u180F]
  | (?<=\p{Mongolian}) \u180E (?=\p{Mongolian})
  | (?<=[\p{Myanmar}\p{Phags_Pa}]) \uFE00
"""
_DOUBT = regex.compile(rf"(?V1)[{_DOUBTFUL}]")
_DECIDE = regex.compile(rf"(?V1x)(?P<meant>{_MEANT})|[{_DOUBTFUL}]")
# Line breaks and tabs, which a line does without, and braille's empty cell, which is blank without being a space.
_BLANK = regex.compile(r"(?V1)[\p{Z}\t-\r\x85\u2800]+")
# Controls, private use, the default-ignorable, what else shows nothing, and what is no character yet; but a symbol
# newer than our data may be an emoji, for which Unicode keeps places.
_HIDDEN = r"\p{Cc}\p{Cs}\p{Co}\p{DI}\uFFF9-\uFFFC\U00013441\U00013442\U0001D159[\p{Cn}--\p{Extended_Pictographic}]"
_NOTHING = regex.compile(rf"(?V1)[[{_HIDDEN}]--[{_DOUBTFUL}]]")
_NOTHING_OF_DATA = regex.compile(rf"(?V1)[[{_HIDDEN}]--[{_DOUBTFUL}\t\n]]")
_MARK = r"(?:[\p{Mn}\p{Me}][\u200C\u200D]?)"
_TOWER = regex.compile(rf"({_MARK}{{{MARKS_IN_A_ROW_MAX}}}){_MARK}+")
_LEADING_MARKS = regex.compile(r"^[\p{M}\u200C\u200D ]+")  # they would sit on what stands before the text
_SEEN = regex.compile(r"[\p{L}\p{N}\p{S}\p{P}\p{Extended_Pictographic}]")
_TURNING = regex.compile(r"\p{Bidi_Control}")
_RAW = regex.compile(rf"(?V1)[[\p{{Cc}}\p{{Cs}}\p{{Zl}}\p{{Zp}}\p{{DI}}]--[{_DOUBTFUL}]]|\u180E")
_URI = r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*"  # RFC 3986: no space, control, backslash or letter beyond ASCII
_PICTURE = regex.compile(rf"(https://[A-Za-z0-9\-._~%\[\]:]+([/?]{_URI})?|/(?!/){_URI})?")


def clean_line(text: str, form: Literal["NFC", "NFKC"] = "NFC") -> str:
    """A text of one line: single spaces, nothing hidden, nothing that turns the direction, no towers of marks.

    Empty when nothing of it can be seen. It may come out longer than it was: normal forms take some letters apart.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = _BLANK.sub(" ", unicodedata.normalize(form, text))
    text = _decided(_NOTHING.sub("", text))
    text = _TOWER.sub(r"\1", _LEADING_MARKS.sub("", text))
    text = " ".join(unicodedata.normalize(form, text).split())
    return text if _SEEN.search(text) else ""


def clean_data(text: str) -> str:
    """A text that programs read: as `clean_line`, but spaces, tabs, line feeds and marks stay as they are."""
    if text.isascii() and text.isprintable():
        return text
    text = _NOTHING_OF_DATA.sub("", unicodedata.normalize("NFC", text).replace("\u2028", " ").replace("\u2029", " "))
    return unicodedata.normalize("NFC", _decided(text))


def _decided(text: str) -> str:
    """Without the doubtful characters that have no meaning where they stand."""
    return _DECIDE.sub(r"\g<meant>", text) if _DOUBT.search(text) else text


def cut(text: str, limit: int) -> str:
    """At most `limit` code points from the beginning, and no character as people see them (UAX #29) cut in half."""
    if len(text) <= limit:
        return text
    end = 0
    for cluster in regex.finditer(r"\X", text[: limit + 64]):
        if cluster.end() > limit:
            break
        end = cluster.end()
    return text[:end].rstrip()


def isolated(text: str) -> str:
    """For plain text with other text around it: the direction of this one reaches no further than itself."""
    return f"{FSI}{_TURNING.sub('', text)}{PDI}"


def escaped(text: str) -> str:
    r"""For terminals and logs: controls, line breaks and what hides or turns text as `\u001b`, as JSON writes them."""
    if text.isascii() and text.isprintable():
        return text
    return _RAW.sub(_escape, text)


def _escape(found: "regex.Match[str]") -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))


def is_picture_address(text: str) -> bool:
    """Empty, an `https` address, or a path on this site; `//elsewhere`, which browsers take for a host, is none."""
    return _PICTURE.fullmatch(text) is not None
