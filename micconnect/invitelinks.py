"""The secret part of an invite link: a signed token that names its room and number, so that no row has to hold it."""

from datetime import datetime
from enum import StrEnum

from django.core import signing

from micconnect.models import InviteLink

_SALT = "micconnect.invitelink"


class Standing(StrEnum):
    """What has become of an invite link. `wrong`: forged, of another room, or forgotten."""

    OPEN = "open"
    WRONG = "wrong"
    USED_UP = "used_up"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


def make_token(slug: str, number: int) -> str:
    """The token of a room's link; the same each time."""
    return signing.Signer(salt=_SALT).sign_object({"r": slug, "l": number})


def read_token(slug: str, token: str) -> int | None:
    """The number of the link that a token was made for; None for one that is forged or of another room."""
    try:
        claims = signing.Signer(salt=_SALT).unsign_object(token)
    except signing.BadSignature:
        return None
    return claims["l"] if claims["r"] == slug else None


def standing(slug: str, token: str, now: datetime) -> Standing:
    """What has become of the link of a token. Costs no query for a forged one."""
    number = read_token(slug, token)
    link = InviteLink.objects.filter(room__slug=slug, number=number).first() if number else None
    if link is None:
        return Standing.WRONG
    if link.ended_at is None and link.expires_at > now:
        return Standing.OPEN
    if not link.uses_left:
        return Standing.USED_UP
    return Standing.EXPIRED if link.expires_at <= (link.ended_at or now) else Standing.WITHDRAWN
