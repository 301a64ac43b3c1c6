"""Short or full, and where what was measured is written down."""

import json
import os
from pathlib import Path
from typing import Any

IS_FULL = os.environ.get("CHAOS") == "full"
PATH = Path(os.environ.get("CHAOS_FIGURES", "var/chaos-figures.jsonl"))


def pick(short: float, full: float) -> float:
    """The size of a test in its short and in its full form."""
    return full if IS_FULL else short


def count(short: int, full: int) -> int:
    """Like `pick`, for whole numbers."""
    return full if IS_FULL else short


def note(name: str, **values: Any) -> None:
    """Writes one line of figures; `docs/reliability.md` shows those of the last full run."""
    shown = {key: round(value, 3) if isinstance(value, float) else value for key, value in values.items()}
    line = json.dumps({"test": name, "form": "full" if IS_FULL else "short"} | shown)
    PATH.parent.mkdir(parents=True, exist_ok=True)
    with PATH.open("a") as lines:
        lines.write(line + "\n")
    print(line)


def percentile(values: list[float], share: float) -> float:
    """The value that so large a share of all does not pass; 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
