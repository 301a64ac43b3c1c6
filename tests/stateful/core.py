"""The pure core as a set of modules, so that the same machine can run the real one or a mutant of it."""

import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

PACKAGE = "micconnect.domain"
LOADED = ("room", "outcome", "transitions", "rules", "views", "notices")  # in the order of their imports


@dataclass(frozen=True)
class Core:
    """One set of the domain's modules; values of one set are never mixed with those of another."""

    room: Any
    outcome: Any
    transitions: Any
    rules: Any
    views: Any
    notices: Any


REAL = Core(**{name: importlib.import_module(f"{PACKAGE}.{name}") for name in LOADED})


def source(name: str) -> tuple[str, str]:
    """Path and text of a module of the domain."""
    path = str(getattr(REAL, name).__file__)
    return path, Path(path).read_text(encoding="utf-8")


def load(mutated: str = "", old: str = "", new: str = "") -> Core:
    """A fresh module set; in the module `mutated` the text `old`, which must occur exactly once, reads `new`."""
    package = ModuleType(PACKAGE)
    package.__path__ = []
    package.internal = importlib.import_module(f"{PACKAGE}.internal")  # type: ignore[attr-defined]
    fresh: dict[str, ModuleType] = {}
    with mock.patch.dict(sys.modules, {PACKAGE: package}):
        for name in LOADED:
            path, text = source(name)
            if name == mutated:
                assert text.count(old) == 1, f"{name}: {text.count(old)} times {old!r}"
                text = text.replace(old, new)
            module = ModuleType(f"{PACKAGE}.{name}")
            module.__file__ = path
            sys.modules[module.__name__] = module
            exec(compile(text, path, "exec"), module.__dict__)  # noqa: S102 - our own source
            setattr(package, name, module)
            fresh[name] = module
    return Core(**fresh)
