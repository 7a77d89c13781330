"""Speed of the search engines over synthetic notes, against their own bare queries and `LIKE`.

    .venv/bin/python benchmarks/search_speed.py [--notes 100000] [--engine embedded]

Prints for each engine the build rate and the size of the index, then for each kind of query p50 and
p95 in milliseconds of a page of 20 with ranking, totals, facets and snippets; the ratio to the
engine's own bare query (the same condition and its first 20, nothing else); and the ratio to the
median of `LIKE '%…%'` over the same texts in one SQLite table. For the embedded engine it prints
how far the first 20 of the bounded ranker are those of ranking every hit. `--engine elasticsearch`
needs ELASTICSEARCH_URL; there `server` is how long the same questions (hits with their texts, best
hits, facets) wait for the server's answer, and `/server` the ratio of the whole to that. Times do not carry over from machine to machine: the first line is the time
of a fixed loop in plain Python, by which two runs can be compared.
"""

import argparse
import os
import random
import secrets
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from elasticsearch import Elasticsearch

from search.backends.base import Engine
from search.backends.elasticsearch import ElasticsearchEngine, ServerSettings, matching as dsl
from search.backends.elasticsearch.schema import Names
from search.backends.embedded import EmbeddedEngine, matching, reading
from search.document import Document, Link
from search.query import NO_FILTERS, Filters, Query, Sort
from search.results import COUNT_LIMIT, Page
from search.understanding import PlainLexicon, read

Bare = Callable[[Query, Filters], object]
"""An engine's own query for the same condition."""

waits: list[float] = []
"""Milliseconds for which the server was waited for, in the searches since this was emptied."""

LEXICON = PlainLexicon()
TODAY = date(2026, 9, 1)
ACCESS = frozenset({"zone", "team:3", "user:9", "lead:17"})
STAGES = ("identified", "contacted", "negotiating", "appraising", "signed")
PARTS = (
    "今天到企业总部拜访", "对方对徐州的产业配套比较认可", "希望落在经开区东片", "要求供地{n}亩左右",
    "总投资约{m}亿元", "其中固定资产投资{n}万元", "规划产能{m}GWh", "年产{n}万吨", "环评和能评由我们协助",
    "需要标准厂房{n}平方米", "等总部批复后再签框架协议", "含氟废水的处理方案还没有定", "热处理外协找本地厂",
    "建议由分管领导带队回访", "下周把测算表发给对方", "对电价和用工比较敏感", "客户主要是主机厂",
    "希望了解人才公寓政策", "二期视一期投产情况再定", "竞争对手在合肥和常州也在看地", "项目进展顺利",
    "设备采购周期{n}天", "产品以四轮一带和液压油缸为主", "正极材料和隔膜从外地采购", "已经看过A{m}栋厂房",
)  # fmt: skip
# In most notes a few phrases recur and the rest is said once or seldom: words by Zipf's law.
WORDS = [
    "".join(random.Random(rank).choices([chr(code) for code in range(0x4E00, 0x5600)], k=size))
    for rank in range(1, 4_000)
    for size in (2 + rank % 4,)
]
WEIGHTS = [1 / rank for rank in range(1, len(WORDS) + 1)]
KINDS: dict[str, tuple[list[str], dict[str, object]]] = {
    "rare name": (["示例{firm}"], {}),
    "two characters": (["{2}"], {}),
    "four characters": (["{4}"], {}),
    "six characters": (["等总部批复后", "竞争对手在合"], {}),
    "across scripts": (["A3栋", "20亩", "12万吨", "7GWh"], {}),
    "three words": (["{2} {3} 厂房", "液压 {4} 拜访"], {}),
    "name and word": (["示例{firm} 厂房"], {}),
    "exclusion": (["{3} -电价", "厂房 不要{2}"], {}),
    "in most notes": (["总部", "投资", "厂房"], {}),
    "with filters": (["厂房"], {"filters": Filters(stages=("negotiating",), teams=("3",))}),
    "of one owner": (["厂房", "{2}"], {"filters": Filters(owners=("9",))}),
    "of one month": (
        ["厂房", "{2}"],
        {"filters": Filters(since=date(2025, 3, 1), until=date(2025, 3, 31))},
    ),
    "newest first": (["厂房", "{2}"], {"sort": Sort.DATE}),
    "one character": (["氟"], {}),
    "nowhere": (["完全没有的词", "魑魅"], {}),
}


_COUNT = "SELECT count(*) FROM notes WHERE {}"
_NEWEST = "SELECT id, body FROM notes WHERE {} ORDER BY day DESC LIMIT 20"


def documents(count: int, random_: random.Random) -> Iterator[Document]:
    """As many notes as asked for, and one firm for every fifty of them."""
    syllables = [chr(code) for code in range(0x4E00, 0x4E00 + 3000)]
    firms = ["示例" + "".join(random_.choices(syllables, k=2)) for _ in range(count // 50)]
    moment = datetime(2026, 9, 1, tzinfo=UTC)
    for number, firm in enumerate(firms):
        yield Document(
            "company", number, f"{firm}科技有限公司", moment, frozenset({"zone"}), names=(firm,)
        )
    for number in range(count):
        firm = random_.randrange(len(firms))
        parts = random_.choices(PARTS, k=random_.randint(1, 3))
        parts += random_.choices(WORDS, WEIGHTS, k=random_.randint(8, 24))
        random_.shuffle(parts)
        text = "，".join(parts).format(n=random_.randint(1, 300), m=random_.randint(1, 50))
        team = str(random_.randint(1, 8))
        access = "zone" if random_.random() < 0.8 else f"team:{team}"
        yield Document(
            type="interaction",
            id=number,
            title="走访" + firms[firm],
            updated_at=moment,
            access=frozenset({access, "mgr"}),
            text=f"{firms[firm]}：{text}。",
            company=Link(firm, firms[firm]),
            occurred_on=date(2023, 1, 1) + timedelta(days=random_.randrange(1300)),
            stage=random_.choice(STAGES),
            team=team,
            owner=str(random_.randint(1, 60)),
        )


def timed(call: Callable[[], object], times: int) -> list[float]:
    """Milliseconds of each call, after one to warm up."""
    call()
    spent = []
    waits.clear()
    for _ in range(times):
        began = time.perf_counter()
        call()
        spent.append((time.perf_counter() - began) * 1000)
    return spent


def fixed_loop() -> int:
    """The yardstick: the same work on every machine."""
    total = 0
    for number in range(300_000):
        total = (total * 31 + number) % 1_000_003
    return total


def build(engine: Engine, corpus: Sequence[Document]) -> None:
    """Fill an engine; prints how long it took."""
    began = time.perf_counter()
    with engine.rebuild() as session:
        for start in range(0, len(corpus), 500):
            with session.write() as batch:
                batch.index(corpus[start : start + 500])
        session.swap(lambda _batch, _keys: None)
    took = time.perf_counter() - began
    print(f"{len(corpus)} documents in {took:.1f} s ({len(corpus) / took:.0f}/s)")


def plain_table(corpus: Iterable[Document]) -> sqlite3.Connection:
    """The same texts in a table without any index."""
    plain = sqlite3.connect(":memory:")
    plain.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, day TEXT, body TEXT)")
    plain.executemany(
        "INSERT INTO notes (day, body) VALUES (?, ?)",
        ((str(document.day), document.title + document.text) for document in corpus),
    )
    return plain


def compare(engine: Engine, bare: Bare, plain: sqlite3.Connection, firms: list[str]) -> None:
    """Print one line per kind of query."""
    loop = statistics.median(timed(fixed_loop, 5))
    print(f"fixed loop {loop:.1f} ms")
    print(
        f"{'':16} {'p50':>7} {'p95':>7} {'bare':>7} {'/bare':>6} {'LIKE':>8} {'LIKE/':>6} "
        f"{'server':>7} {'/server':>7}"
    )
    random_ = random.Random(3)
    every: list[float] = []
    for kind, (patterns, options) in KINDS.items():
        spent: list[float] = []
        own: list[float] = []
        like: list[float] = []
        waited: list[float] = []
        for _ in range(max(1, 12 // len(patterns))):
            for pattern in patterns:
                query = read(_typed(pattern, firms, random_), LEXICON, TODAY)
                filters = cast(Filters, options.get("filters", NO_FILTERS))
                spent += timed(lambda q=query, o=options: ask(engine, q, o), 5)
                waited += [sum(waits) / 5] if waits else []
                own += timed(lambda q=query, f=filters: bare(q, f), 5)
                like += timed(lambda w=query.terms: scan(plain, w), 1)
        every += spent
        p50, alone, scanned = map(statistics.median, (spent, own, like))
        print(
            f"{kind:16} {p50:7.2f} {percentile(spent):7.2f} {alone:7.2f} {p50 / alone:5.1f}× "
            f"{scanned:8.1f} {scanned / p50:5.0f}×"
            + (f" {(wait := statistics.median(waited)):7.2f} {p50 / wait:6.2f}×" if waited else "")
        )
    print(f"all kinds: median {statistics.median(every):.2f} ms, p95 {percentile(every):.2f} ms")


def agreement(engine: EmbeddedEngine, firms: list[str]) -> None:
    """Print which share of the first 20 stands there as well when every hit is ranked."""
    random_ = random.Random(5)
    shares: list[float] = []
    bounded = reading.RANKED
    for patterns, options in KINDS.values():
        for pattern in patterns:
            query = read(_typed(pattern, firms, random_), LEXICON, TODAY)
            first = {hit.key for hit in ask(engine, query, options).hits}
            reading.RANKED = COUNT_LIMIT
            best = {hit.key for hit in ask(engine, query, options).hits}
            reading.RANKED = bounded
            if best:
                shares.append(len(first & best) / len(best))
    mean = statistics.fmean(shares)
    print(
        f"first 20 of the bounded ranker that full ranking has too: {mean:.1%}, worst {min(shares):.0%}"
    )


def embedded(directory: Path) -> tuple[EmbeddedEngine, Bare]:
    """The embedded engine, and its own query: FTS5's best 20 by bm25."""
    engine = EmbeddedEngine(directory / "index")

    opened: list[sqlite3.Connection] = []

    def bare(query: Query, filters: Filters) -> object:
        if not opened:
            opened.append(sqlite3.connect(next((directory / "index").glob("index-*.db"))))
        match = matching.all_terms(query, ACCESS, filters)
        first = "SELECT rowid FROM fts WHERE fts MATCH ? ORDER BY rank LIMIT 20"
        return opened[0].execute(first, (match.expression,)).fetchall()

    return engine, bare


def elasticsearch() -> tuple[Engine, Bare]:
    """The engine on the server named in ELASTICSEARCH_URL, and its own query."""
    url, prefix = os.environ["ELASTICSEARCH_URL"], f"benchmark-{secrets.token_hex(4)}"
    client = Elasticsearch(url)
    engine = ElasticsearchEngine(ServerSettings(url=url, index=prefix, timeout=60.0))
    reading_alias = Names(prefix).reading
    answered = Elasticsearch.msearch

    def waited_for(self: Elasticsearch, **asked: Any) -> Any:
        began = time.perf_counter()
        answer = answered(self, **asked)
        waits.append((time.perf_counter() - began) * 1000)
        return answer

    Elasticsearch.msearch = waited_for  # type: ignore[method-assign]

    def bare(query: Query, filters: Filters) -> object:
        return client.search(
            index=reading_alias, query=dsl.all_terms(query, ACCESS, filters), size=20,
            track_total_hits=COUNT_LIMIT + 1, source=False,
        )  # fmt: skip

    return engine, bare


def _typed(pattern: str, firms: list[str], random_: random.Random) -> str:
    """A pattern with names and words in their places: `{2}` is a word of two characters."""
    while "{" in pattern:
        start = pattern.index("{")
        what = pattern[start + 1 : start + 2]
        word = random_.choice(firms).removeprefix("示例")
        if what.isdigit():
            word = random_.choice([known for known in WORDS[:1_000] if len(known) == int(what)])
        pattern = pattern[:start] + word + pattern[pattern.index("}") + 1 :]
    return pattern


def ask(engine: Engine, query: Query, options: dict[str, Any]) -> Page:
    """One page of 20 as the search page asks for it."""
    return engine.search(query, access=ACCESS, **{"filters": NO_FILTERS, **options})


def scan(plain: sqlite3.Connection, words: tuple[str, ...]) -> object:
    """What a plain database would do: count, and the newest 20."""
    where = " AND ".join("body LIKE ?" for _ in words) or "1"
    values = [f"%{word}%" for word in words]
    count, newest = (query.format(where) for query in (_COUNT, _NEWEST))
    return plain.execute(count, values).fetchone(), plain.execute(newest, values).fetchall()


def percentile(values: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(values, n=20)[-1]


def main() -> None:
    """Read the arguments, build, compare."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--notes", type=int, default=100_000)
    arguments.add_argument("--engine", choices=["embedded", "elasticsearch"], default="embedded")
    chosen = arguments.parse_args()
    corpus = list(documents(chosen.notes, random.Random(7)))
    firms = [document.names[0] for document in corpus if document.names]
    plain = plain_table(corpus)
    with tempfile.TemporaryDirectory() as directory:
        if chosen.engine == "elasticsearch":
            engine, bare = elasticsearch()
            build(engine, corpus)
            compare(engine, bare, plain, firms)
        else:
            engine, bare = embedded(Path(directory))
            build(engine, corpus)
            size = sum(path.stat().st_size for path in (Path(directory) / "index").iterdir())
            print(f"index {size / 1e6:.0f} MB")
            compare(engine, bare, plain, firms)
            agreement(engine, firms)
        engine.close()


if __name__ == "__main__":
    main()
