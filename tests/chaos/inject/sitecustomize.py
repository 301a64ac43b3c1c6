"""Loaded by Python at the start of a server under test: a clock that can be moved, and a death at a chosen moment.

`CHAOS_CLOCK` names a file with the seconds by which this machine's clock is wrong. `CHAOS_DEATH` names a file; while
it exists, the process kills itself between the commit of a change and the word about it. The product knows of neither.
"""

import importlib.abc
import importlib.machinery
import os
import signal
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

real_time = time.time


def _offset(path: Path) -> float:
    try:
        return float(path.read_text() or 0)
    except (OSError, ValueError):
        return 0.0


def _move_clock(path: Path) -> None:
    from django.utils import timezone

    def moved() -> float:
        return real_time() + _offset(path)

    time.time = moved
    time.time_ns = lambda: int(moved() * 1e9)
    timezone.now = lambda: datetime.fromtimestamp(moved(), UTC)


class _Deadly(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Puts the death in front of `micconnect.hub.publish` as soon as that module is there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.loader: importlib.abc.Loader | None = None

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != "micconnect.hub":
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        assert spec
        self.loader, spec.loader = spec.loader, self
        return spec

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        assert self.loader
        self.loader.exec_module(module)
        publish = module.publish

        def die_or_publish(change: object) -> None:
            if self.path.exists():
                os.kill(os.getpid(), signal.SIGKILL)
            publish(change)

        module.publish = die_or_publish  # type: ignore[attr-defined]


if os.environ.get("CHAOS_CLOCK"):
    _move_clock(Path(os.environ["CHAOS_CLOCK"]))
if os.environ.get("CHAOS_DEATH"):
    sys.meta_path.insert(0, _Deadly(Path(os.environ["CHAOS_DEATH"])))
