"""What the tables share: closed word lists as choices and constraints, lengths, and a room's two random names."""

import secrets
from enum import Enum

from django.db import models
from django.db.models import Q

USER_ID_MAX = 64


def choices(kind: type[Enum]) -> list[tuple[str, str]]:
    """A protocol enum as choices for a field."""
    return [(item.value, item.value.replace("_", " ")) for item in kind]


def known(table: str, *, may_be_empty: bool = False, **kinds: type[Enum]) -> list[models.CheckConstraint]:
    """One constraint per field: it holds a word of its list, or nothing where `may_be_empty`."""
    empty = [""] if may_be_empty else []
    return [
        models.CheckConstraint(
            condition=Q(**{f"{field}__in": [*empty, *(item.value for item in kind)]}), name=f"{table}_{field}_known"
        )
        for field, kind in kinds.items()
    ]


def in_range(table: str, field: str, least: int, most: int, *, or_zero: bool = False) -> models.CheckConstraint:
    """A number from `least` to `most`, or 0 where that means none."""
    condition = Q(**{f"{field}__gte": least, f"{field}__lte": most})
    return models.CheckConstraint(
        condition=condition | Q(**{field: 0}) if or_zero else condition, name=f"{table}_{field}_in_range"
    )


def new_slug() -> str:
    """A room's address: 50 bits, so that nobody finds rooms by guessing; letters that cannot be misread."""
    return "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(10))


def new_epoch() -> str:
    return secrets.token_hex(6)
