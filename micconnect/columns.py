"""How the values of a room stand in the columns of a row: by the same names, with the few differences named here.

A person takes two columns (`person` stands in `user_id` and `user_name`); several words stand in one column with
spaces between them; what may be missing is an empty text where
the column holds text, and NULL elsewhere.
"""

import types
from enum import Enum
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from msgspec import Struct

from micconnect.domain.room import Person

V = TypeVar("V", bound=Struct)
PREFIXES = {"person": "user"}


class Columns(Generic[V]):
    """The columns of one kind of value. `names` are those that it fills."""

    def __init__(self, kind: type[V]) -> None:
        self.kind = kind
        self._plain: list[str] = []
        self._words: list[tuple[str, type[Enum], bool]] = []
        self._lists: list[tuple[str, type[Enum]]] = []
        self._people: list[tuple[str, str]] = []
        for field, hint in get_type_hints(kind).items():
            types_of = get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
            if Person in types_of:
                self._people.append((field, PREFIXES.get(field, field)))
            elif get_origin(hint) is tuple:
                self._lists.append((field, get_args(hint)[0]))
            elif issubclass(types_of[0], Enum):
                self._words.append((field, types_of[0], len(types_of) > 1))
            else:
                self._plain.append(field)
        texts = [name for _, prefix in self._people for name in (f"{prefix}_id", f"{prefix}_name")]
        words = [field for field, *_ in self._words] + [field for field, _ in self._lists]
        self.names = (*self._plain, *words, *texts)

    def write(self, value: V) -> dict[str, Any]:
        """The columns of a value, by name."""
        columns = {field: getattr(value, field) for field in self._plain}
        for field, _, _ in self._words:
            columns[field] = getattr(value, field) or ""
        for field, _ in self._lists:
            columns[field] = " ".join(word.value for word in getattr(value, field))
        for field, prefix in self._people:
            person: Person | None = getattr(value, field)
            columns[f"{prefix}_id"] = person.user_id if person else ""
            columns[f"{prefix}_name"] = person.name if person else ""
        return columns

    def read(self, row: Any) -> V:
        """The value that stands in a row."""
        fields: dict[str, Any] = {field: getattr(row, field) for field in self._plain}
        for field, kind, is_optional in self._words:
            word = getattr(row, field)
            fields[field] = None if is_optional and not word else kind(word)
        for field, kind in self._lists:
            fields[field] = tuple(map(kind, getattr(row, field).split()))
        for field, prefix in self._people:
            user_id = getattr(row, f"{prefix}_id")
            fields[field] = Person(user_id=user_id, name=getattr(row, f"{prefix}_name")) if user_id else None
        return self.kind(**fields)
