"""Strangers' text on pages: nothing of it may turn what stands around it."""

import re
from html.parser import HTMLParser

MARK = "אבגד"  # letters from right to left; strangers' texts of the tests hold it
ISOLATED = re.compile("\u2068[^\u2068\u2069]*\u2069")
# elements by which a browser keeps a text to itself: those made for it, cells and fields
KEEPERS = {"bdi", "td", "th", "textarea", "script", "style"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SHOWN = ("title", "aria-label", "alt", "placeholder")


def loose(text: str) -> bool:
    """Whether a stranger's text stands in this one with something around it and without isolation."""
    return MARK in ISOLATED.sub("", text)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.seen = 0
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        classes = (given.get("class") or "").split()
        self.open.append((tag, tag in KEEPERS or "dir" in given or "readonly" in classes))
        if tag in VOID:
            self.open.pop()
        for name in SHOWN:
            if MARK in (value := given.get(name) or ""):
                self.seen += 1
                if loose(value):
                    self.found.append(f"{name} of {tag}: {value!r}")

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if MARK in data:
            self.seen += 1
            if loose(data) and not any(keeps for _, keeps in self.open):
                self.found.append(f"text of {'/'.join(tag for tag, _ in self.open)}: {data.strip()!r}")


def loose_texts(html: str) -> tuple[int, list[str]]:
    """How often strangers' text stands in the page, and where it is not kept to itself."""
    reader = _Reader()
    reader.feed(html)
    return reader.seen, reader.found
