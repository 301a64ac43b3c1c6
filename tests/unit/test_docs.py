"""The texts for people agree with what is there: links, settings, dependencies, modules."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from django.conf import settings

from micconnect.checks import KNOWN_VARIABLES

ROOT = Path(settings.BASE_DIR)
TEXTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file(path: Path) -> None:
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)]+)\)", path.read_text())]
    missing = [link for link in links if link and "://" not in link and not (path.parent / link).exists()]
    assert missing == []


def test_the_example_of_settings_names_exactly_those_that_are_read() -> None:
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "livestream/settings.py").read_text()))
    named = re.findall(r"^#?(MIC_[A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M)
    assert sorted(named) == sorted(f"MIC_{name}" for name in read) == sorted(KNOWN_VARIABLES)


def test_every_direct_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + sum(project["optional-dependencies"].values(), [])
    names = {re.split(r"[^A-Za-z0-9-]", requirement)[0] for requirement in wanted}
    for file in ("package.json", "vendor/package.json"):
        package = json.loads((ROOT / file).read_text())
        names |= package.get("dependencies", {}).keys() | package.get("devDependencies", {}).keys()
    rows = [line.split("|")[1] for line in (ROOT / "docs/dependencies.md").read_text().splitlines() if line[:1] == "|"]
    told = {re.sub(r" .*", "", name.strip()) for row in rows for name in row.split(",")}
    assert names - told == set(), "not explained in docs/dependencies.md"
    assert told - names - {"package", "---"} == set(), "explained, but no longer used"


def test_every_module_has_its_place_in_the_architecture() -> None:
    house = (ROOT / "docs/architecture.md").read_text()
    modules = [path.name for path in (ROOT / "micconnect").glob("*.py") if path.name not in {"__init__.py", "apps.py"}]
    assert [name for name in sorted(modules) if f"`{name}`" not in house] == []
    packages = [path.parent.name for path in (ROOT / "micconnect").glob("*/__init__.py")]
    assert [name for name in sorted(packages) if f"`{name}/" not in house] == []
