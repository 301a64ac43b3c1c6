"""Names people choose for themselves: text, bounded, and without characters that deceive the eye."""

import unicodedata

from micconnect.protocol.words import NAME_MAX

# letters that join emoji and scripts are needed; everything else that is invisible or changes direction is not
_KEPT_INVISIBLE = {"\u200d", "\ufe0f"}
_MARKS_IN_A_ROW_MAX = 3


class BadName(ValueError):
    """Nothing is left of the name after cleaning, or it is too long."""


def clean_name(text: str) -> str:
    """NFKC, without control, direction and other invisible characters, single spaces, at most NAME_MAX characters.

    Raises BadName. Look-alikes of letters are left: a host is known by the badge, never by the name.
    """
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFKC", text[: NAME_MAX * 20]):
        category = unicodedata.category(char)
        if category[0] == "C" and char not in _KEPT_INVISIBLE:
            char = " " if char in "\t\n\r" else ""
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks <= _MARKS_IN_A_ROW_MAX:
            kept.append(char)
    name = " ".join("".join(kept).split())
    if not any(unicodedata.category(char)[0] in "LNSP" for char in name):
        raise BadName("A name needs at least one visible character.")
    if len(name) > NAME_MAX:
        raise BadName(f"A name may have at most {NAME_MAX} characters.")
    return name
