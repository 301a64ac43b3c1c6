"""The figures of one run as text for the terminal, and as tables and charts for `docs/performance.md`."""

from collections.abc import Iterable, Sequence
from typing import Any

from bench import svg
from bench.procs import ROOT

PAGE = ROOT / "docs" / "performance.md"
CHARTS = ROOT / "docs" / "performance"
NAMES = {
    "floor": "floor: one `write()` per socket, in C",
    "ours": "**ours**, `manage.py serve` (uvicorn)",
    "ours-daphne": "**ours**, daphne",
    "ours-stepped": "**ours**, stepped (any ASGI server)",
    "node-ws-shared": "node `ws`, one frame for all",
    "node-ws": "node `ws`, `send()` for each",
    "python-socketio": "python-socketio, uvicorn",
    "naive-uvicorn": "Channels groups, layer in memory, uvicorn",
    "naive": "Channels groups, layer in memory, daphne",
}
SHORT_NAMES = {
    "floor": "floor: write() in C",
    "ours": "ours, uvicorn",
    "ours-daphne": "ours, daphne",
    "ours-stepped": "ours, any ASGI server",
    "node-ws-shared": "node ws, one frame",
    "node-ws": "node ws, send()",
    "python-socketio": "python-socketio",
    "naive-uvicorn": "Channels, uvicorn",
    "naive": "Channels, daphne",
}
PLAIN = (
    *("busy", "rss_kib_per_socket", "storm", "commands_per_s"),
    *("slow_readers", "slow_query", "cluster", "media"),
)
Row = Sequence[object]


def text(results: dict[str, Any]) -> str:
    """What `scripts/bench` prints: the ladder as a table, then a line for each other part, then the bounds."""
    lines = []
    if rows := results.get("fanout"):
        head = ("server", "sockets", "us/delivery", "x floor", "naive/this", "last, ms")
        lines += _columns([head, *(_ladder_row(row) for row in _ordered(rows))])
    for name in PLAIN:
        if name in results:
            lines += ["", name, *(f"  {line}" for line in _leaves(results[name]))]
    if kept := results.get("gate"):
        lines += ["", "bounds"]
        lines += [f"  {'ok ' if c['is_met'] else 'NOT'} {c['name']}: {c['measured']} ({c['bound']})" for c in kept]
    lines += [f"not measured: {what}" for what in results.get("not_measured", [])]
    return "\n".join(lines)


def write_docs(results: dict[str, Any]) -> None:
    """Puts the figures between the marks `<!-- NAME -->` … `<!-- /NAME -->` of the page, and draws the charts."""
    page = PAGE.read_text()
    for name, table in tables(results).items():
        before, begin, rest = page.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- /{name} -->")
        if not (begin and end):
            raise ValueError(f"{PAGE} has no place for {name}")
        page = f"{before}{begin}{table}\n{end}{after}"
    PAGE.write_text(page)
    CHARTS.mkdir(exist_ok=True)
    for name, chart in charts(results["fanout"]).items():
        (CHARTS / f"{name}.svg").write_text(chart)


def tables(results: dict[str, Any]) -> dict[str, str]:
    """Markdown tables by the name of their place in the page; parts that were not measured are left out."""
    made = {"machine": _machine(results["machine"])} if "machine" in results else {}
    if rows := results.get("fanout"):
        sizes = sorted({row["n"] for row in rows})
        made["cost"] = _by_size(rows, sizes, "us_per_delivery")
        made["ratio"] = _by_size(rows, sizes, "ratio_to_floor")
        made["last"] = _by_size(rows, sizes, "last_ms")
    if storms := results.get("storm"):
        made["storm"] = _storms(storms)
    for name in ("busy", "commands_per_s", "slow_readers", "slow_query", "cluster"):
        if name in results:
            made[name] = _table(("figure", "value"), (line.rsplit(": ", 1) for line in _leaves(results[name])))
    if "rss_kib_per_socket" in results:
        made["memory"] = f"{results['rss_kib_per_socket']} KiB of resident memory per idle socket."
    if kept := results.get("gate"):
        rows_ = ((c["name"], c["measured"], c["bound"], "yes" if c["is_met"] else "**no**") for c in kept)
        made["gate"] = _table(("bound", "measured", "must be", "kept"), rows_)
    return made


def charts(rows: list[dict[str, Any]]) -> dict[str, str]:
    """SVG by name: the ladder at the largest audience that all rungs had, and the cost by the size of the audience."""
    sizes = [{row["n"] for row in rows if row["server"] == server} for server in {row["server"] for row in rows}]
    n = max(set.intersection(*sizes))
    at_n = sorted((row for row in rows if row["n"] == n), key=lambda row: row["us_per_delivery"])
    bars = [(SHORT_NAMES[row["server"]], row["us_per_delivery"], row["server"].startswith("ours")) for row in at_n]
    cost, last = _by_server(rows, "us_per_delivery"), _by_server(rows, "last_ms")
    title = f"What one delivery to one of {n:,} viewers costs"
    return {
        "ladder": svg.bars(title, "microseconds of server CPU, 600 bytes", bars),
        "by-audience": svg.lines("What a delivery costs, by audience", "viewers", "microseconds of server CPU", cost),
        "last": svg.lines("Until the last viewer has it", "viewers", "milliseconds", last),
    }


def _by_server(rows: list[dict[str, Any]], key: str) -> dict[str, list[tuple[float, float]]]:
    """A line of (audience, figure) for each server that has rows."""
    found = {name: sorted((row["n"], row[key]) for row in rows if row["server"] == name) for name in NAMES}
    return {SHORT_NAMES[name]: line for name, line in found.items() if line}


def _ordered(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["n"], list(NAMES).index(row["server"])))


def _ladder_row(row: dict[str, Any]) -> Row:
    naive = "" if row["ratio_to_naive"] is None else row["ratio_to_naive"]
    return row["server"], row["n"], row["us_per_delivery"], row["ratio_to_floor"], naive, row["last_ms"]


def _columns(rows: Sequence[Row]) -> list[str]:
    widths = [max(len(str(cell)) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(str(c).rjust(w) if i else str(c).ljust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
        for row in rows
    ]


def _leaves(value: object, name: str = "") -> list[str]:
    """A nested result as `a b: value` lines."""
    if isinstance(value, dict):
        return [line for key, part in value.items() for line in _leaves(part, f"{name} {key}".strip())]
    return [f"{name}: {value}" if name else str(value)]


def _table(head: Row, rows: Iterable[Iterable[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def _by_size(rows: list[dict[str, Any]], sizes: list[int], key: str) -> str:
    found = {(row["server"], row["n"]): row[key] for row in rows}
    servers = [server for server in NAMES if any(row["server"] == server for row in rows)]
    body = ([NAMES[server], *(found.get((server, n), "") for n in sizes)] for server in servers)
    return _table(("server", *(f"N = {n:,}" for n in sizes)), body)


def _storms(storms: dict[str, Any]) -> str:
    head = ("storm", "all in after, s", "p99, s", "server CPU, s", "sockets per CPU-second", "not let in")
    body = [
        (
            f"{int(n):,}, {words}",
            side["wall_s"],
            side["p99_s"],
            side["cpu_s"],
            round(side["per_cpu_s"]),
            round(side["failed"]),
        )
        for n, storm in storms.items()
        for words, side in (
            ("bare socket", storm["bare"]),
            ("no tickets", storm["no_tickets"]),
            ("ours", storm["ours"]),
        )
    ]
    return _table(head, body)


def _machine(machine: dict[str, Any]) -> str:
    return f"{machine['processor']}, {machine['cores']} cores, Linux {machine['kernel']}, Python {machine['python']}"
