"""How well search answers: recall@10, first-place rate and trap rate by kind of query and engine.

Loads the corpus of `tests/search/judged` into a temporary database through the product's services
and asks its judged queries as the people they are judged for. `--engine elasticsearch` and `both`
need ELASTICSEARCH_URL; `--misses` prints every query that falls short.
"""

import argparse
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DEMO"] = "0"

from flask import Flask  # noqa: E402

from crm import create_app, indexing  # noqa: E402
from crm.core import clock  # noqa: E402
from crm.extensions import db  # noqa: E402
from tests.search.judged import judging, loading  # noqa: E402
from tests.search.judged.judging import Figures, Outcome  # noqa: E402

WANTED = {"recall@10": 0.97, "first": 0.90, "traps": 0.05}


def main() -> None:
    """Read the arguments, load, ask, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        "--engine", choices=["embedded", "elasticsearch", "both"], default="embedded"
    )
    options.add_argument("--misses", action="store_true", help="print queries that fall short")
    chosen = options.parse_args()
    engines = ["embedded", "elasticsearch"] if chosen.engine == "both" else [chosen.engine]
    address = os.environ.get("ELASTICSEARCH_URL", "")
    if "elasticsearch" in engines and not address:
        options.error("ELASTICSEARCH_URL must name a server")
    for engine in engines:
        with tempfile.TemporaryDirectory() as folder, clock.frozen(loading.MOMENT):
            url = address if engine == "elasticsearch" else ""
            with _application(Path(folder), url) as app, app.app_context():
                loading.fill()
                indexing.index().rebuild()
                outcomes = [judging.ask(one) for one in judging.judged_queries()]
                db.session.remove()
                db.engine.dispose()
        _report(engine, outcomes, misses=chosen.misses)


@contextmanager
def _application(folder: Path, elasticsearch_url: str) -> Iterator[Flask]:
    """An application on an empty database; its indices on a server are removed afterwards."""
    prefix = f"quality-{secrets.token_hex(4)}"
    app = create_app(
        {
            "DATA_DIR": folder,
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'crm.sqlite3'}",
            "SECRET_KEY": "benchmark",
            "WORKER_THREAD": False,
            "ELASTICSEARCH_URL": elasticsearch_url,
            "ELASTICSEARCH_INDEX": prefix,
            "ELASTICSEARCH_REPLICAS": 0,
        }
    )
    done = app.test_cli_runner().invoke(args=["db", "upgrade"])
    if done.exit_code:
        raise SystemExit(done.output)
    try:
        yield app
    finally:
        indexing_engine = app.extensions[indexing.EXTENSION].engine
        indexing_engine.close()
        if elasticsearch_url:
            _remove_indices(app, prefix)


def _remove_indices(app: Flask, prefix: str) -> None:
    from elasticsearch import Elasticsearch

    tls = {} if app.config["ELASTICSEARCH_VERIFY"] else {"verify_certs": False}
    ca = app.config["ELASTICSEARCH_CA_CERTS"]
    with Elasticsearch(
        app.config["ELASTICSEARCH_URL"],
        api_key=app.config["ELASTICSEARCH_API_KEY"] or None,
        **({"ca_certs": ca} if ca else tls),
    ) as client:
        for name in [*client.indices.get(index=f"{prefix}-*", features="aliases").body]:
            client.indices.delete(index=name)


def _report(engine: str, outcomes: list[Outcome], *, misses: bool) -> None:
    by_kind = judging.figures(outcomes)
    print(f"{engine}: {len(outcomes)} judged queries")
    print(f"{'kind':16}{'queries':>8}" + "".join(f"{name:>11}" for name in WANTED))
    for kind, figures in sorted(by_kind.items(), key=lambda item: item[0] == "all"):
        print(_line(kind, figures))
    print(f"{'wanted':24}" + "".join(f"{value:11.2f}" for value in WANTED.values()))
    if misses:
        for one in outcomes:
            _print_miss(one)


def _line(kind: str, figures: Figures) -> str:
    values = (figures.recall, figures.first, figures.traps)
    return f"{kind:16}{len(figures.outcomes):8}" + "".join(f"{value:11.3f}" for value in values)


def _print_miss(one: Outcome) -> None:
    if not one.is_good:
        marks = [
            f"missing {' '.join(sorted(one.missing))}" if one.recall < 1 else "",
            "" if one.is_first_right else "not first",
            f"traps {' '.join(one.traps)}" if one.traps else "",
        ]
        meant = f" → {one.did_you_mean}" if one.did_you_mean else ""
        print(f"[{one.judged.kind}] {one.judged.q}{meant}: {'; '.join(filter(None, marks))}")
        print(f"    {' '.join(one.refs[:14])} ({len(one.refs)})")


if __name__ == "__main__":
    main()
