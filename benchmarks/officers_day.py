"""The officer's day in milliseconds: 2,000 companies, 20,000 leads, 100,000 notes, one client.

Requests run in process through the whole application (sign-in, permission, templates), warm, the
kinds taken in turn. As in `manage.py run` and `serve` a thread takes what was saved to the search
index; the next request begins when it is done, as after a person's pause. A lead and its note are
saved by two forms, so by two requests, of which the times are added. Prints medians, the ratio to
a fixed loop, and to the figures given for a well-known open-source CRM. `--notes 20000` makes a
smaller data set.
"""

import argparse
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from application import OFFICER, application, between_saves, signed_in
from dataset import SYLLABLES, TRADES, fill
from flask import Flask
from flask.testing import FlaskClient
from timing import median_ms, report

from crm import indexing
from crm.accounts.models import User
from crm.core.clock import today
from crm.extensions import db

WANTED = {
    "lead list, 80 rows": 25,
    "lead page with timeline": 30,
    "search over notes": 25,
    "save a lead with a note": 25,
    "typeahead": 10,
}
PEER = {
    "lead list, 80 rows": 128,
    "lead page with timeline": 149,
    "search over notes": 344,
    "save a lead with a note": 195,
    "typeahead": 22,
}
SAVES = ("save a lead", "save a note of it")
WORDS = ["含氟废水", "总部批复", "行车吨位", "能耗指标", "两百亩", "人才公寓", "环评周期", "董事会"]


def main() -> None:
    """Build the data set, then time the day."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--companies", type=int, default=2_000)
    options.add_argument("--leads", type=int, default=20_000)
    options.add_argument("--notes", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=40)
    options.add_argument("--database-url", default="", help="an empty PostgreSQL database")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        others = {"SQLALCHEMY_DATABASE_URI": chosen.database_url} if chosen.database_url else {}
        app = application(Path(folder), **others)
        with app.app_context():
            started = time.perf_counter()
            fill(companies=chosen.companies, leads=chosen.leads, notes=chosen.notes, today=today())
            print(f"data set: {time.perf_counter() - started:.1f} s")
            started = time.perf_counter()
            indexing.index().rebuild()
            print(f"search index: {time.perf_counter() - started:.1f} s")
        indexing.start_worker(app)
        client = signed_in(app)
        calls = _calls(app, client, chosen)
        taken = median_ms(calls, chosen.rounds, lambda: between_saves(app, client))
        taken["save a lead with a note"] = [
            sum(two) for two in zip(*(taken[one] for one in SAVES), strict=True)
        ]
        report(taken, WANTED, PEER)


def _calls(
    app: Flask, client: FlaskClient, chosen: argparse.Namespace
) -> dict[str, Callable[[int], object]]:
    sorts = ["-investment", "investment", "-received", "-last_contact"]

    def lead_list(turn: int) -> object:
        return _get(
            client, "/leads/", stage="negotiating", sort=sorts[turn % 4], per_page=80,
            page=turn % 3 + 1,
        )  # fmt: skip

    def lead_page(turn: int) -> object:
        return _get(client, f"/leads/{_visible_lead(app, turn)}")

    def search(turn: int) -> object:
        return _get(client, "/search", q=WORDS[turn % len(WORDS)], type="interaction")

    def typeahead(turn: int) -> object:
        syllable = SYLLABLES[turn % len(SYLLABLES)]
        return _get(client, "/suggest.json", q=syllable + TRADES[turn % len(TRADES)][:1])

    saved: dict[int, str] = {}

    def save_lead(turn: int) -> object:
        started = {
            "title": f"示例新项目{turn}", "company_id": turn % chosen.companies + 1,
            "visibility": "team", "received_on": today().isoformat(),
            "submission_key": f"benchmark-lead-{turn}",
            "collision_reason": "对方主动联系", "investment_wan_cny": "3.5亿",
        }  # fmt: skip
        answer = client.post("/leads/new", data=started)
        _expect(answer, 303)
        saved[turn] = answer.location.rstrip("/").split("?")[0].rsplit("/", 1)[-1]
        return answer

    def save_note(turn: int) -> object:
        note = {
            "kind": "visit", "occurred_on": today().isoformat(), "lead": saved[turn],
            "text": f"看了老厂，含氟废水没有，要{turn}亩左右", "next_step": "回访", "next_on": today().isoformat(),
            "company": turn % chosen.companies + 1,
            "submission_key": f"benchmark-note-{turn}",
        }  # fmt: skip
        return _expect(client.post("/log/new", data=note), 303)

    return {
        "lead list, 80 rows": lead_list,
        "lead page with timeline": lead_page,
        "search over notes": search,
        SAVES[0]: save_lead,
        SAVES[1]: save_note,
        "typeahead": typeahead,
    }


def _get(client: FlaskClient, path: str, **query: Any) -> object:
    return _expect(client.get(path, query_string=query), 200)


def _expect(answer: Any, status: int) -> object:
    if answer.status_code != status:
        faults = re.findall(r'class="(?:field-err|note err)".*?</div>', answer.text, re.DOTALL)
        raise SystemExit(f"{answer.request.path}: {answer.status_code}\n" + "\n".join(faults))
    return answer


_leads: list[int] = []


def _visible_lead(app: Flask, turn: int) -> int:
    if not _leads:
        from crm.core.permissions import visible_leads
        from crm.leads.models import Lead

        with app.app_context():
            actor = db.session.get_one(User, OFFICER).as_actor()
            query = db.select(Lead.id).where(visible_leads(actor, Lead)).order_by(Lead.id)
            _leads.extend(db.session.scalars(query.limit(200)))
    return _leads[turn % len(_leads)]


if __name__ == "__main__":
    main()
