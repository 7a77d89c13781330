"""Speed of the embedded search engine over synthetic notes.

    .venv/bin/python benchmarks/search_embedded.py [--notes 100000]

Prints, for each kind of query, p50 and p95 in milliseconds of a page of 20 with totals, facets and
snippets, beside the median of `LIKE '%…%'` over the same texts in one SQLite table, and the ratio
of the two. Times do not carry over from machine to machine: the first line is the time of a fixed
loop in plain Python, by which two runs can be compared.
"""

import argparse
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from search.backends.embedded import EmbeddedEngine
from search.document import Document, Link
from search.query import NO_FILTERS, Filters, Sort
from search.understanding import PlainLexicon, read

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


def build(directory: Path, count: int) -> tuple[EmbeddedEngine, sqlite3.Connection, list[str]]:
    """The engine and the plain table, filled alike; prints how long it took."""
    engine = EmbeddedEngine(directory / "index")
    plain = sqlite3.connect(directory / "plain.db")
    plain.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, day TEXT, body TEXT)")
    corpus = list(documents(count, random.Random(7)))
    began = time.perf_counter()
    with engine.rebuild() as session:
        for start in range(0, len(corpus), 500):
            with session.write() as batch:
                batch.index(corpus[start : start + 500])
        session.swap(lambda _batch, _keys: None)
    took = time.perf_counter() - began
    plain.executemany(
        "INSERT INTO notes (day, body) VALUES (?, ?)",
        ((str(document.day), document.title + document.text) for document in corpus),
    )
    plain.commit()
    size = sum(path.stat().st_size for path in (directory / "index").iterdir()) / 1e6
    print(f"{len(corpus)} documents in {took:.1f} s ({len(corpus) / took:.0f}/s), {size:.0f} MB")
    return engine, plain, [document.names[0] for document in corpus if document.names]


def compare(engine: EmbeddedEngine, plain: sqlite3.Connection, firms: list[str]) -> None:
    """Print one line per kind of query."""
    loop = statistics.median(timed(fixed_loop, 5))
    print(
        f"fixed loop {loop:.1f} ms\n{'':16} {'p50':>7} {'p95':>7} {'/loop':>6} {'LIKE':>7}  ratio"
    )
    random_ = random.Random(3)
    every: list[float] = []
    for kind, (patterns, options) in KINDS.items():
        spent: list[float] = []
        like: list[float] = []
        for _ in range(max(1, 12 // len(patterns))):
            for pattern in patterns:
                query = read(_typed(pattern, firms, random_), LEXICON, TODAY)
                spent += timed(lambda q=query, o=options: ask(engine, q, o), 5)
                words = query.terms
                like += timed(lambda w=words: scan(plain, w), 1)
        every += spent
        p50, p95 = statistics.median(spent), statistics.quantiles(spent, n=20)[-1]
        scanned = statistics.median(like)
        print(
            f"{kind:16} {p50:7.2f} {p95:7.2f} {p50 / loop:6.2f} {scanned:7.1f} {scanned / p50:5.1f}×"
        )
    print(f"all kinds: median {statistics.median(every):.2f} ms, p95 {percentile(every):.2f} ms")


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


def ask(engine: EmbeddedEngine, query: object, options: dict[str, object]) -> object:
    """One page of 20 as the search page asks for it."""
    return engine.search(query, access=ACCESS, **{"filters": NO_FILTERS, **options})


def scan(plain: sqlite3.Connection, words: tuple[str, ...]) -> object:
    """What a plain database would do: count, and the newest 20."""
    where = " AND ".join("body LIKE ?" for _ in words)
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
    count = arguments.parse_args().notes
    with tempfile.TemporaryDirectory() as directory:
        engine, plain, firms = build(Path(directory), count)
        compare(engine, plain, firms)
        plain.close()
        engine.close()


if __name__ == "__main__":
    main()
