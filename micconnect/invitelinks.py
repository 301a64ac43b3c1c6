"""The secret part of an invite link: a signed token that names its room and number, so that no row has to hold it."""

from django.core import signing

_SALT = "micconnect.invitelink"


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
