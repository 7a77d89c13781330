"""Lets a command take what it queued to the search engine before it ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import click

from crm import indexing
from crm.core.labels import N_
from search.errors import SearchError
from search.index import SearchIndex

LONGEST_SECONDS = 900.0
_EVERY_SECONDS = 2.0
_WAITING = N_("正在编入搜索索引，还有 %(count)s 份")
_LEFT = N_(
    "还有 %(count)s 份文档没有编入搜索索引：运行中的服务会补上，也可运行 flask search drain。"
)
_AWAY = N_("搜索索引暂时没有更新，运行中的服务会补上：%(error)s")


def index_what_waits(*, at_most: int | None = None) -> None:
    """Work off the search queue, with progress on stderr; an engine that is away hinders nothing.

    An index that is missing or of an older form is built as a whole, which takes in what waits.
    More documents than `at_most` are left to a running server or to `flask search drain`.
    """
    index = indexing.index()
    try:
        waiting = index.outbox.backlog().pending
        if at_most is not None and waiting > at_most:
            click.echo(_LEFT % {"count": waiting}, err=True)
            return
        if index.status().needs_rebuild:
            index.rebuild()
        with _progress(index):
            left = index.drain(timeout=LONGEST_SECONDS).pending
    except SearchError as error:
        click.echo(_AWAY % {"error": error}, err=True)
        return
    if left:
        click.echo(_LEFT % {"count": left}, err=True)


@contextmanager
def _progress(index: SearchIndex) -> Iterator[None]:
    """Say every other second how much waits."""
    done = Event()

    def tell() -> None:
        while not done.wait(_EVERY_SECONDS):
            click.echo(_WAITING % {"count": index.outbox.backlog().pending}, err=True)

    thread = Thread(target=tell, name="index-progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
