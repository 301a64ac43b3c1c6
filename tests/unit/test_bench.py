"""The parts of the bench that measure nothing: bounds, charts, tables, arguments, and what a delivery counts as."""

import logging
import re
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import pytest

from bench import __main__ as program
from bench import gate, report, svg
from bench.load import compiled
from bench.procs import ROOT, Failed, Process, cpu_s, many_files


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """The bench's program silences the log for good; other tests of this process read it."""
    yield
    logging.disable(logging.NOTSET)


def row(server: str, n: int, ratio: float, naive: float | None = None) -> dict[str, Any]:
    return {
        "server": server,
        "n": n,
        "us_per_delivery": ratio * 8,
        "ratio_to_floor": ratio,
        "ratio_to_naive": naive,
        "last_ms": n * ratio / 100,
    }


GOOD: dict[str, Any] = {
    "machine": {"processor": "P", "cores": 2, "kernel": "6.1", "python": "3.11"},
    "fanout": [
        row("floor", 500, 1.0, 45),
        row("ours", 500, 1.5, 30),
        row("ours-daphne", 500, 1.7, 26),
        row("naive", 500, 45, 1),
        row("floor", 1000, 1.0, 60),
        row("ours", 1000, 1.5, 40),
        row("ours-daphne", 1000, 1.7, 35),
        row("naive", 1000, 60, 1),
    ],
    "rss_kib_per_socket": 24.1,
    "storm": {
        "2000": {
            "cpu_s_to_no_tickets": 1.2,
            **{
                way: {"wall_s": 1.0, "p99_s": 0.9, "cpu_s": 0.8, "per_cpu_s": 2500.0, "failed": 0}
                for way in ("bare", "no_tickets", "ours")
            },
        }
    },
    "commands_per_s": {"sqlite": 400, "postgresql": 300},
}


def failed(results: dict[str, Any]) -> list[str]:
    return [check.name for check in gate.checks(results) if not check.is_met]


def test_good_figures_pass_every_bound() -> None:
    assert failed(GOOD) == []
    assert len(gate.checks(GOOD)) == 2 * 3 + 1 + 2 + 1


@pytest.mark.parametrize(
    ("server", "n", "ratio", "name"),
    [
        ("ours", 500, 2.01, "ours / floor, 500 sockets"),
        ("ours-daphne", 1000, 2.31, "ours-daphne / floor, 1000 sockets"),
        ("ours", 1000, 1.96, "ours: cost at 1000 / at 500 sockets, each beside the floor"),
    ],
)
def test_a_ratio_beyond_its_bound_is_named(server: str, n: int, ratio: float, name: str) -> None:
    rows = [{**r, "ratio_to_floor": ratio} if (r["server"], r["n"]) == (server, n) else r for r in GOOD["fanout"]]
    assert name in failed(GOOD | {"fanout": rows})


def test_a_room_not_twenty_times_cheaper_than_the_usual_way_is_named() -> None:
    rows = [row("ours", 500, 1.5, 30), row("ours", 1000, 1.5, 19.9)]
    assert failed({"fanout": rows}) == ["naive / ours, 1000 sockets"]


def test_a_dear_storm_and_a_fat_socket_are_named() -> None:
    storm = {"5000": GOOD["storm"]["2000"] | {"cpu_s_to_no_tickets": 1.51}}
    assert failed({"storm": storm, "rss_kib_per_socket": 35.1}) == [
        "storm of 5000: CPU, ours / no tickets",
        "KiB of memory per idle socket",
    ]


def test_a_socket_that_did_not_get_in_is_named() -> None:
    storm = GOOD["storm"]["2000"] | {"ours": {"failed": 1}}
    assert failed({"storm": {"2000": storm}}) == ["storm of 2000: sockets that did not get in"]


def test_nothing_measured_is_nothing_promised() -> None:
    assert gate.checks({}) == []


def test_ticks_are_round_numbers_around_the_range() -> None:
    assert svg.log_ticks(7.5, 420) == [5, 10, 20, 50, 100, 200, 500]
    assert svg.log_ticks(500, 10_000) == [500, 1000, 2000, 5000, 10_000]
    assert svg.log_ticks(1, 1) == [1]


@pytest.mark.parametrize(
    ("value", "shown"), [(1597, "1,597"), (12.04, "12"), (12.06, "12.1"), (8.504, "8.5"), (0.46, "0.46"), (100, "100")]
)
def test_figures_have_three_digits(value: float, shown: str) -> None:
    assert svg.number(value) == shown


def test_charts_are_well_formed_and_draw_every_figure() -> None:
    charts = report.charts(GOOD["fanout"])
    assert set(charts) == {"ladder", "by-audience", "last"}
    for chart in charts.values():
        ET.fromstring(chart)  # noqa: S314 — our own text
        assert "prefers-color-scheme:dark" in chart
    assert charts["ladder"].count("<rect") == 4
    assert charts["ladder"].count('class="ours"') == 2
    assert charts["by-audience"].count("<circle") == 8


def test_bars_are_longer_for_more_and_labels_are_escaped() -> None:
    chart = svg.bars("a < b", "us", [("small & quick", 8.0, True), ("large", 800.0, False)])
    assert "small &amp; quick" in chart and "a &lt; b" in chart
    small, large = (float(width) for width in re.findall(r'<rect class="\w+" .* width="([\d.]+)"', chart))
    assert 0 < small < large


def test_labels_of_lines_never_cover_each_other() -> None:
    chart = svg.lines("t", "x", "y", {"a": [(1, 10), (2, 10)], "b": [(1, 10), (2, 10.1)], "c": [(1, 10), (2, 9.9)]})
    squares = sorted(float(y) for y in re.findall(r'<rect fill="#\w+" x="\d+" y="([\d.]+)"', chart))
    assert all(after - before >= 18 for before, after in zip(squares, squares[1:], strict=False))


def test_the_printed_table_has_every_server_once_per_size() -> None:
    lines = report.text(GOOD | {"not_measured": ["10000 sockets"]}).splitlines()
    assert [line.split()[:2] for line in lines[1:9]] == [
        [server, str(n)] for n in (500, 1000) for server in ("floor", "ours", "ours-daphne", "naive")
    ]
    assert lines[-1] == "not measured: 10000 sockets"


def test_the_page_has_a_place_for_every_table() -> None:
    page = report.PAGE.read_text()
    results = GOOD | {"busy": {"n": 1}, "slow_readers": {"n": 1}, "slow_query": {"n": 1}, "cluster": {"n": 1}}
    made = report.tables(results | {"gate": [{"name": "a", "measured": 1, "bound": "<= 2", "is_met": True}]})
    for name in made:
        assert f"<!-- {name} -->\n" in page and f"<!-- /{name} -->" in page
    assert "| **ours**, `manage.py serve` (uvicorn) | 12.0 | 12.0 |" in made["cost"]


@pytest.mark.parametrize("arguments", [["--fast"], ["--only", "nothing"], ["report"], ["walk", "--rounds", "x"]])
def test_wrong_arguments_end_with_usage_and_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        program.main(arguments)
    assert ended.value.code == 2
    assert "usage: scripts/bench" in capsys.readouterr().err


@pytest.mark.parametrize(("measured", "arguments", "code"), [(24, ["--gate"], 0), (36, ["--gate"], 1), (36, [], 0)])
def test_only_the_gate_fails_a_run(
    measured: float,
    arguments: list[str],
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(program, "measure", lambda *_, **__: {"rss_kib_per_socket": measured})
    assert program.main([*arguments, "--json"]) == code
    assert f'"measured": {measured}' in capsys.readouterr().out


def test_a_server_that_does_not_start_says_why() -> None:
    with pytest.raises(Failed, match="no such thing"), Process(["sh", "-c", "echo no such thing; exit 3"]):
        pass


def test_cpu_time_of_another_process_is_known_exactly() -> None:
    with subprocess.Popen(["sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; read x"], stdin=-1) as busy:
        try:
            while cpu_s(busy.pid) < 0.001:
                pass
            first = cpu_s(busy.pid)
            assert 0.001 <= first <= cpu_s(busy.pid)
        finally:
            busy.kill()


def test_the_audience_counts_what_the_floor_relays() -> None:
    from bench.load import Audience, Publisher

    many_files()
    with Process([compiled("floor"), "{port}"]) as floor, Audience(floor.port, "/room", 20) as audience:
        audience.come()
        with Publisher(floor.port) as publisher:
            audience.expect(40)
            publisher.event(100)
            publisher.event(70_000 // 2)
            audience.wait()
        counted = audience.counted()
    assert (counted.marks, counted.frames, counted.closed) == (40, 40, 0)
    assert counted.size == 20 * (100 + 35_000)
    assert 0 < counted.p50_us <= counted.max_us * 1.03


def test_the_sources_of_the_floor_are_there() -> None:
    assert {path.name for path in (ROOT / "bench" / "c").iterdir()} == {"floor.c", "load.c", "ws.h"}
