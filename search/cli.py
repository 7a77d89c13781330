"""The commands `search status`, `rebuild`, `drain`, `verify` and `worker`, for a program to add."""

import json
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from threading import Event
from typing import NoReturn

import click

from search.document import Differences
from search.errors import SearchError
from search.index import SearchIndex

GetIndex = Callable[[], SearchIndex]
Beside = Callable[[Event], object]
"""Starts what is to run beside the worker until the event is set."""

_SHOWN_KEYS = 20


def search_group(get_index: GetIndex, *, beside: Beside | None = None) -> click.Group:
    """The group of commands; `get_index` is called when one of them runs."""
    group = click.Group("search", help="Look after the search index.")
    group.add_command(_status(get_index))
    group.add_command(_rebuild(get_index))
    group.add_command(_drain(get_index))
    group.add_command(_verify(get_index))
    group.add_command(_worker(get_index, beside))
    return group


def _status(get_index: GetIndex) -> click.Command:
    @click.command("status", help="Print engine, documents by type and what waits.")
    @click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
    def status(as_json: bool) -> None:
        values = asdict(get_index().status())
        notes = {name: values.pop(name) for name in ("available", "needs_rebuild")}
        if as_json:
            click.echo(json.dumps(values, ensure_ascii=False))
            return
        for name, value in (values | notes).items():
            click.echo(f"{name}: {value}")

    return status


def _rebuild(get_index: GetIndex) -> click.Command:
    @click.command("rebuild", help="Build the index anew beside the live one and swap.")
    def rebuild() -> None:
        def report(count: int) -> None:
            click.echo(f"{count} documents", err=True)

        try:
            result = get_index().rebuild(report=report)
        except SearchError as error:
            _fail(error)
        click.echo(f"{result.documents} documents, {result.replayed} replayed")
        for key in result.failed:
            click.echo(f"left out: {key.type} {key.id}", err=True)
        if result.failed:
            sys.exit(1)

    return rebuild


def _drain(get_index: GetIndex) -> click.Command:
    @click.command("drain", help="Take over everything that waits; fails if something is left.")
    @click.option("--timeout", default=120.0, show_default=True, help="Seconds to try.")
    def drain(timeout: float) -> None:
        try:
            result = get_index().drain(timeout=timeout)
        except SearchError as error:
            _fail(error)
        click.echo(f"{result.done} done, {result.pending} pending")
        if result.pending:
            click.echo(result.last_error or "held by another process", err=True)
            sys.exit(1)

    return drain


def _verify(get_index: GetIndex) -> click.Command:
    @click.command("verify", help="Compare the index with the records; fails on a difference.")
    @click.option("--repair", is_flag=True, help="Mend what differs, then compare again.")
    def verify(repair: bool) -> None:
        index = get_index()
        try:
            differences = index.verify()
            _print(differences)
            if differences and repair:
                index.repair(differences)
                differences = index.verify()
                _print(differences)
        except SearchError as error:
            _fail(error)
        if differences:
            sys.exit(1)

    return verify


def _worker(get_index: GetIndex, beside: Beside | None) -> click.Command:
    @click.command("worker", help="Keep the index up to date until stopped.")
    def worker() -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: stop.set())
        if beside is not None:
            beside(stop)
        get_index().work(stop)

    return worker


def _print(differences: Differences) -> None:
    for name in ("missing", "stale", "extra"):
        keys = getattr(differences, name)
        click.echo(f"{name}: {len(keys)}")
        for key in keys[:_SHOWN_KEYS]:
            click.echo(f"  {key.type} {key.id}")


def _fail(error: SearchError) -> NoReturn:
    raise click.ClickException(f"{error.code}: {error}")
