"""The pure core as a set of modules, so that the same machine can run the real one or a mutant of it."""

import importlib
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any
from unittest import mock

PACKAGE = "micconnect.domain"
LOADED = (  # in the order of their imports
    "room",
    "outcome",
    "transitions",
    "naming",
    "needs",
    "queue",
    "waits",
    "absence",
    "lines",
    "asking",
    "inviting",
    "seating",
    "devices",
    "people",
    "merging",
    "changes_of_options",
    "show",
    "clock",
    "rules",
    "missed",
    "views",
    "notices",
)


@dataclass(frozen=True)
class Core:
    """One set of the domain's modules; values of one set are never mixed with those of another."""

    room: Any
    outcome: Any
    transitions: Any
    naming: Any
    needs: Any
    queue: Any
    waits: Any
    absence: Any
    lines: Any
    asking: Any
    inviting: Any
    seating: Any
    devices: Any
    people: Any
    merging: Any
    changes_of_options: Any
    show: Any
    clock: Any
    rules: Any
    missed: Any
    views: Any
    notices: Any


REAL = Core(**{name: importlib.import_module(f"{PACKAGE}.{name}") for name in LOADED})


@cache
def source(name: str) -> tuple[str, str]:
    """Path and text of a module of the domain."""
    path = str(getattr(REAL, name).__file__)
    return path, Path(path).read_text(encoding="utf-8")


@cache
def _code(name: str) -> CodeType:
    path, text = source(name)
    return compile(text, path, "exec")


def load(mutated: str = "", old: str = "", new: str = "") -> Core:
    """A fresh module set; in the module `mutated` the text `old`, which must occur exactly once, reads `new`."""
    package = ModuleType(PACKAGE)
    package.__path__ = []
    package.internal = importlib.import_module(f"{PACKAGE}.internal")  # type: ignore[attr-defined]
    fresh: dict[str, ModuleType] = {}
    with mock.patch.dict(sys.modules, {PACKAGE: package}):
        for name in LOADED:
            path, text = source(name)
            code = _code(name)
            if name == mutated:
                assert text.count(old) == 1, f"{name}: {text.count(old)} times {old!r}"
                code = compile(text.replace(old, new), path, "exec")
            module = ModuleType(f"{PACKAGE}.{name}")
            module.__file__ = path
            sys.modules[module.__name__] = module
            exec(code, module.__dict__)  # noqa: S102 - our own source
            setattr(package, name, module)
            fresh[name] = module
    return Core(**fresh)
