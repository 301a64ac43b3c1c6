"""Who somebody is: accounts, guests with a signed cookie, and the short-lived join tickets that sockets need."""

import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.core import signing
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from micconnect.domain.room import Actor, Person
from micconnect.names import known_name
from micconnect.protocol.words import Role

TICKET_TTL_S = 60
GUEST_AGE = timedelta(days=180)
_TICKET_SALT = "micconnect.ticket"
_GUEST_SALT = "micconnect.guest"
_FORMER_GUEST = "former_guest"  # in the session
TICKET_ROLES = (Role.HOST, Role.MODERATOR, Role.AUDIENCE)


class BadTicket(Exception):
    """The ticket is forged, too old or for another room."""


def issue_ticket(slug: str, actor: Actor, ttl_s: int = TICKET_TTL_S) -> str:
    """A signed join ticket for one person, one room and one role, good for `ttl_s` seconds."""
    claims = {
        "r": slug,
        "u": actor.user_id,
        "n": actor.person.name,
        "o": actor.role.value,
        "a": actor.has_account,
        "w": actor.was,
        "m": actor.is_named,
        "t": time.time(),
        "e": time.time() + ttl_s,
    }
    return signing.Signer(salt=_TICKET_SALT).sign_object(claims)


def read_ticket(slug: str, ticket: str) -> Actor:
    """The actor a ticket was issued for. Raises BadTicket. Costs no database query."""
    try:
        claims = signing.Signer(salt=_TICKET_SALT).unsign_object(ticket)
        is_too_old = time.time() > claims["e"]
        role = Role(claims["o"])
        person = Person(user_id=claims["u"], name=known_name(claims["n"], "Guest"))
        made_at = datetime.fromtimestamp(claims["t"], UTC) if "t" in claims else None  # as older versions made them
        was, is_named = claims.get("w", ""), claims.get("m", True)
        actor = Actor(
            person=person,
            role=role,
            has_account=claims["a"],
            is_named=is_named,
            was=was,
            proven_at=made_at,
        )
    except (signing.BadSignature, KeyError, TypeError, ValueError) as error:
        raise BadTicket(str(error)) from None
    if is_too_old or claims["r"] != slug or role not in TICKET_ROLES:
        raise BadTicket("too old, or for another room")
    return actor


def account_id(pk: object) -> str:
    """The user id of somebody with an account here."""
    return f"u{pk}"


def account_person(user: AbstractBaseUser) -> Person:
    """An account as a person of the rooms."""
    full_name = getattr(user, "get_full_name", str)()
    name = known_name(full_name, "") or known_name(user.get_username(), f"User {user.pk}")
    return Person(user_id=account_id(user.pk), name=name)


def current_person(request: HttpRequest) -> tuple[Person, bool]:
    """Who makes this request, and whether the name is of their own choice.

    An account, else the guest of the signed cookie, else a new guest (give it the cookie with `remember_guest`).
    """
    user: AbstractBaseUser | AnonymousUser = request.user
    if isinstance(user, AbstractBaseUser) and user.is_authenticated:
        return account_person(user), True
    guest_id, quoted = _guest(request)
    name = known_name(unquote(quoted), "")
    if not guest_id:
        guest_id = f"g{secrets.token_urlsafe(12)}"
    return Person(user_id=guest_id, name=name or f"Guest {guest_id[1:5]}"), bool(name)


def _guest(request: HttpRequest) -> tuple[str, str]:
    """Id and quoted name of the guest of the signed cookie; empty without one."""
    cookie = request.get_signed_cookie(settings.GUEST_COOKIE_NAME, default=None, salt=_GUEST_SALT, max_age=GUEST_AGE)
    guest_id, _, quoted = (cookie or "").partition(":")
    return guest_id, quoted


@receiver(user_logged_in, dispatch_uid="micconnect.former_guest")
def _keep_guest(request: HttpRequest, **_: Any) -> None:
    """Whoever logs in was a guest in this browser a moment ago: the session knows both from now on."""
    if guest_id := _guest(request)[0]:
        request.session[_FORMER_GUEST] = guest_id


def former_guest(request: HttpRequest) -> str:
    """User id of the guest who logged in to the account that makes this request; empty for none."""
    return str(request.session.get(_FORMER_GUEST, "")) if request.user.is_authenticated else ""


def remember_guest(request: HttpRequest, response: HttpResponse, person: Person, *, is_named: bool) -> None:
    """Keeps a guest's id (and chosen name) in a signed cookie of their browser."""
    if request.user.is_authenticated:
        return
    response.set_signed_cookie(
        settings.GUEST_COOKIE_NAME,
        f"{person.user_id}:{quote(person.name) if is_named else ''}",  # headers are latin-1, names are not
        salt=_GUEST_SALT,
        max_age=GUEST_AGE,
        path=settings.SESSION_COOKIE_PATH,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
