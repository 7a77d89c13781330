"""What search costs a save: time to the response of logging a contact, arms taken in turn.

    .venv/bin/python benchmarks/search_saves.py [--saves 200]

The arms are one application each on a data set of its own: without search (the queue is written
and nobody works it off), with the embedded engine, and with Elasticsearch away; with
ELASTICSEARCH_URL set also with that server. Where search is on, a thread of the process works the
queue off, as `manage.py run` and `serve` have it, and the next save begins when it is done, as
between two saves of a person. Prints medians and their ratios to the first arm.
"""

import argparse
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from application import application, between_saves, signed_in
from dataset import fill
from flask import Flask
from timing import reference_loop

from crm import indexing
from crm.core.clock import today
from crm.leads.contact_forms import NO_LEAD

NOWHERE = "http://127.0.0.1:9"
"""An address at which no server listens."""

LIMITS = {"embedded engine": 1.1, "Elasticsearch": 1.25, "Elasticsearch away": 1.25}
COMPANIES, LEADS, NOTES = 200, 2_000, 10_000


def main() -> None:
    """Build an application for each arm, save in turn, print the medians."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--saves", type=int, default=200)
    saves = options.parse_args().saves
    arms: dict[str, tuple[str, bool]] = {
        "without search": ("", False),
        "embedded engine": ("", True),
        "Elasticsearch away": (NOWHERE, True),
    }
    if url := os.environ.get("ELASTICSEARCH_URL"):
        arms["Elasticsearch"] = (url, True)
    with ExitStack() as opened:
        calls = {}
        for name, (server, works) in arms.items():
            folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
            calls[name] = _saving(_application(folder, server, works=works), drains=works)
        taken: dict[str, list[float]] = {name: [] for name in calls}
        for turn in range(saves + 5):
            for name, call in calls.items():
                spent = call(turn)
                if turn >= 5:
                    taken[name].append(spent)
    _report(taken)


def _application(folder: Path, server: str, *, works: bool) -> Flask:
    app = application(
        folder,
        ELASTICSEARCH_URL=server,
        ELASTICSEARCH_INDEX=f"benchmark-{secrets.token_hex(4)}",
    )
    with app.app_context():
        fill(companies=COMPANIES, leads=LEADS, notes=NOTES, today=today())
        if server != NOWHERE:
            indexing.index().rebuild()
    if works:
        indexing.start_worker(app)
    return app


def _saving(app: Flask, *, drains: bool) -> Callable[[int], float]:
    """A call that saves one contact and gives the milliseconds to its response."""
    client = signed_in(app)
    away = app.config["ELASTICSEARCH_URL"] == NOWHERE

    def save(turn: int) -> float:
        note = {
            "kind": "visit", "occurred_on": today().isoformat(), "company": turn % COMPANIES + 1,
            "text": f"看了老厂，含氟废水没有，要{turn}亩左右", "next_step": "回访",
            "next_on": today().isoformat(), "submission_key": f"benchmark-{turn}", "lead": NO_LEAD,
        }  # fmt: skip
        began = time.perf_counter()
        answer = client.post("/log/new", data=note)
        spent = (time.perf_counter() - began) * 1000
        if answer.status_code != 303:
            raise SystemExit(f"the save answered {answer.status_code}")
        between_saves(app, client, most=2 if drains and not away else 0)
        return spent

    return save


def _report(taken: dict[str, list[float]]) -> None:
    loop = statistics.median(reference_loop() for _ in range(5))
    print(f"reference loop (1,000,000 turns of plain Python): {loop:.1f} ms")
    bare = statistics.median(taken["without search"])
    for name, times in taken.items():
        median = statistics.median(times)
        limit = f"   wanted at most {LIMITS[name]}" if name in LIMITS else ""
        print(f"{name:20} median {median:6.1f} ms, {median / bare:5.2f} of a save without{limit}")


if __name__ == "__main__":
    main()
