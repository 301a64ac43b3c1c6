"""Which names a person may have, and which of them look alike."""

import unicodedata
from functools import lru_cache
from pathlib import Path

import regex

from micconnect.protocol.words import NAME_MAX
from micconnect.text import clean_line, cut

_FILLING = regex.compile(r"[^\p{L}\p{N}\p{M}]+")
_UNSEEN = regex.compile(r"[\p{DI}\p{Cf}]+")
LOOKS_KEPT = 20_000


class BadName(ValueError):
    """Nothing is left of the name after cleaning, or it is too long."""


def clean_name(text: str) -> str:
    """One line without what hides or deceives, in compatible letters (NFKC, as RFC 8266 has it for nicknames).

    At most NAME_MAX code points. Raises BadName.
    """
    name = clean_line(text[: NAME_MAX * 20], "NFKC")
    if not name:
        raise BadName("A name needs at least one visible character.")
    if len(name) > NAME_MAX:
        raise BadName(f"A name may have at most {NAME_MAX} characters.")
    return name


def known_name(text: str, otherwise: str) -> str:
    """A name that somebody has already, by account, ticket or cookie: cleaned, cut if need be, never refused."""
    return cut(clean_line(text[: NAME_MAX * 20], "NFKC"), NAME_MAX) or otherwise


@lru_cache(maxsize=LOOKS_KEPT)
def looks(name: str) -> frozenset[str]:
    """How a name looks; two names that share one of these look alike. It takes neither case nor filling into account.

    The skeletons of UTS #39, of the name as it is and in small letters: `I` looks like `l`, and `i` is `I`.
    Punctuation, signs and spaces do not tell people apart, unless a name is made of them alone.
    """
    return frozenset(_squeezed(_skeleton(text)) for text in (name, name.casefold()))


def _squeezed(text: str) -> str:
    return _FILLING.sub("", text).casefold() or text.casefold()


def _skeleton(text: str) -> str:
    """UTS #39, section 4: taken apart, without what is not seen, each character as the one it can be taken for."""
    text = _UNSEEN.sub("", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFD", text.translate(_prototypes()))


@lru_cache(maxsize=1)
def _prototypes() -> dict[int, str]:
    """Unicode's confusables, by code point; read when first needed."""
    lines = Path(__file__).with_name("confusables.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split() for line in lines if not line.startswith("#"))
    return {int(one, 16): "".join(chr(int(code, 16)) for code in several) for one, *several in pairs}
