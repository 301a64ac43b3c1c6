"""The files that are generated from the wire language: SDK constants, the AsyncAPI document, the protocol's text.

Plain functions without Django, so that the files can be made and compared before any settings exist.
"""

from pathlib import Path

from micconnect.management.generate.asyncapi import asyncapi
from micconnect.management.generate.javascript import javascript
from micconnect.management.generate.markdown import markdown

GENERATORS = {
    "static/micconnect/protocol.js": javascript,
    "docs/protocol.md": markdown,
    "docs/asyncapi.json": asyncapi,
}


def stale(root: Path) -> list[str]:
    """The generated files below `root` that are missing or differ from the language by as much as one byte."""
    return [
        name
        for name, generate in GENERATORS.items()
        if not (root / name).is_file() or (root / name).read_bytes() != generate().encode()
    ]


def write(root: Path) -> list[str]:
    """Writes the stale files below `root`; returns their names."""
    names = stale(root)
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(GENERATORS[name]().encode())
    return names
