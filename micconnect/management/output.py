"""What commands print: strangers' text in it can neither write a line of its own nor colour or turn the terminal."""

import json

from micconnect.text import escaped


def as_json(value: object) -> str:
    """One line of JSON, readable in every script, with controls and what hides or turns text as escapes."""
    return escaped(json.dumps(value, ensure_ascii=False))
