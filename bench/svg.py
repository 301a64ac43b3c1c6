"""Charts as plain SVG, for light and dark pages: horizontal bars and lines, both on logarithmic axes."""

import math
from collections.abc import Mapping, Sequence
from html import escape

STYLE = """<style>
text{font:13px system-ui,sans-serif;fill:#33404d}.title{font-size:15px;font-weight:600}.faint{fill:#66727e}
.grid{stroke:#8a949e;stroke-opacity:.35}.bar{fill:#8a949e}.ours{fill:#1f6feb}.line{fill:none;stroke-width:2}
@media (prefers-color-scheme:dark){text{fill:#e3e8ed}.faint{fill:#a3adb7}.ours{fill:#5aa2ff}}
</style>"""
COLOURS = ("#7b8794", "#2f81f7", "#0f9d77", "#8a63d2", "#d9822b", "#b3891b", "#2aa5c0", "#d4567a", "#b5332e")
WIDTH = 760
LEFT, RIGHT = 190, 70
BAR, GAP, HEAD = 20, 9, 44

Point = tuple[float, float]


def log_ticks(low: float, high: float) -> list[float]:
    """The round numbers 1, 2, 5, 10 … from the last one below `low` to the first one above `high`, both positive."""
    ticks = [
        m * 10.0**e for e in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1) for m in (1, 2, 5)
    ]
    begin = max(i for i, tick in enumerate(ticks) if tick <= low)
    end = min((i for i, tick in enumerate(ticks) if tick >= high), default=len(ticks) - 1)
    return ticks[begin : end + 1]


def number(value: float) -> str:
    """A figure as people write it: three digits, thousands with commas."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}".removesuffix(".0") if value >= 10 else f"{value:.2f}".rstrip("0").rstrip(".")


def bars(title: str, unit: str, rows: Sequence[tuple[str, float, bool]]) -> str:
    """One bar for each (label, value, is it ours), longest last as given."""
    height = HEAD + len(rows) * (BAR + GAP) + 12
    highest = max(value for _, value, _ in rows)
    lowest = min(value for _, value, _ in rows) / 2  # so that the shortest bar is one
    span = math.log(highest / lowest)
    parts = [_text(0, 18, title, "title"), _text(0, 36, f"{unit}, logarithmic scale", "faint")]
    for index, (label, value, is_ours) in enumerate(rows):
        top = HEAD + index * (BAR + GAP)
        length = (WIDTH - LEFT - RIGHT) * math.log(value / lowest) / span
        kind = "ours" if is_ours else "bar"
        parts.append(_text(LEFT - 10, top + 15, label, anchor="end"))
        parts.append(f'<rect class="{kind}" x="{LEFT}" y="{top}" width="{length:.1f}" height="{BAR}" rx="2"/>')
        parts.append(_text(LEFT + length + 8, top + 15, number(value)))
    return _page(title, height, parts)


def lines(title: str, x_label: str, y_label: str, series: Mapping[str, Sequence[Point]]) -> str:
    """One line for each name, through its points (x, y); all positive. Names stand at the right ends."""
    left, right, top, bottom, height = 60, 190, 56, 40, 420
    points = [point for line in series.values() for point in line]
    xs = log_ticks(min(x for x, _ in points), max(x for x, _ in points))
    ys = log_ticks(min(y for _, y in points), max(y for _, y in points))

    def at_x(x: float) -> float:
        return left + (WIDTH - left - right) * _share(x, xs)

    def at_y(y: float) -> float:
        return height - bottom - (height - top - bottom) * _share(y, ys)

    parts = [_text(0, 18, title, "title"), _text(0, 38, f"{y_label}, logarithmic scales", "faint")]
    for y in ys:
        parts.append(f'<path class="grid" d="M{left} {at_y(y):.1f}H{WIDTH - right}"/>')
        parts.append(_text(left - 8, at_y(y) + 4, number(y), "faint", "end"))
    parts += [_text(at_x(x), height - bottom + 18, number(x), "faint", "middle") for x in xs]
    parts.append(_text((left + WIDTH - right) / 2, height - 4, x_label, "faint", "middle"))
    places = _apart({name: at_y(line[-1][1]) for name, line in series.items()}, lowest=height - bottom - 6)
    for index, (name, line) in enumerate(series.items()):
        colour = COLOURS[index % len(COLOURS)]
        path = "L".join(f"{at_x(x):.1f} {at_y(y):.1f}" for x, y in line)
        parts.append(f'<path class="line" stroke="{colour}" d="M{path}"/>')
        parts += [f'<circle fill="{colour}" cx="{at_x(x):.1f}" cy="{at_y(y):.1f}" r="3"/>' for x, y in line]
        parts.append(
            f'<rect fill="{colour}" x="{WIDTH - right + 12}" y="{places[name] - 5:.1f}" width="10" height="10"/>'
        )
        parts.append(_text(WIDTH - right + 28, places[name] + 5, name))
    return _page(title, height, parts)


def _share(value: float, ticks: Sequence[float]) -> float:
    span = math.log(ticks[-1] / ticks[0])
    return math.log(value / ticks[0]) / span if span else 0.5


def _apart(places: Mapping[str, float], lowest: float, least: float = 18) -> dict[str, float]:
    """Moves labels up so far that none covers another or lies under the axis."""
    result: dict[str, float] = {}
    last = lowest + least
    for name, place in sorted(places.items(), key=lambda item: item[1], reverse=True):
        result[name] = last = min(place, last - least)
    return result


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    styled = f' class="{kind}"' if kind else ""
    return f'<text{styled} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _page(title: str, height: float, parts: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img">'
    return "\n".join([head, f"<title>{escape(title)}</title>", STYLE, *parts, "</svg>", ""])
