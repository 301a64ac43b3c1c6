"""The table of features agrees with what is there: it names every command, and every test that it names exists."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

from micconnect.protocol.commands import COMMAND_TYPES

ROOT = Path(settings.BASE_DIR)
TEXT = (ROOT / "docs/features.md").read_text()
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if line.startswith("|")]
FEATURES = [row for row in ROWS if row[-1] not in ("shown by", "---")]


def titles_of(path: Path) -> set[str]:
    """The names of a file's tests: functions in Python, titles in JavaScript."""
    text = path.read_text()
    if path.suffix == ".js":
        return {title for _, title in re.findall(r"""\btest\((["'`])(.+?)\1,""", text)}
    functions = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {function.name for function in functions if function.name.startswith("test_")}


@pytest.mark.parametrize("row", FEATURES, ids=lambda row: " ".join(row[:-2]))
def test_every_feature_names_tests_that_exist_or_says_that_it_is_not_there(row: list[str]) -> None:
    if row[-1].startswith(("out: ", "not yet: ")):
        return
    named = [name.strip("`").split("::") for name in row[-1].split(" · ")]
    missing = [(path, name) for path, name in named if name not in titles_of(ROOT / path)]
    assert named and missing == []


def test_every_command_is_part_of_a_feature() -> None:
    named = set(re.findall(r"`(\w+)`", "\n".join(" ".join(row[:-1]) for row in FEATURES)))
    assert {str(kind.__struct_config__.tag) for kind in COMMAND_TYPES} - named == set()
