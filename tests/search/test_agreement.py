"""Both engines give the same answers: the same hits in the same order, totals and facets."""

import random
from datetime import date, timedelta

import pytest

from search.backends.elasticsearch import reading
from search.query import Filters, Sort
from tests.search.support import ZONE, company, note, of_firm, parse

pytestmark = pytest.mark.es

PARTS = (
    "等总部批复", "要标准厂房", "总部在外地", "批复还没有下来", "谈隔膜和电解液", "二期再定", "要地200亩",
    "投资50亿元", "产能30GWh", "拜访液压油缸厂", "含氟废水", "徐工程师也来了", "XCMG 的配套", "电价敏感",
)  # fmt: skip
ASKED = [
    "总部", "总部 批复", "等总部批复", "隔膜 液压", "厂房 -电价", "“含氟废水”", "示例3", "示例3 厂房", "xcmg", "200亩",
    "50亿以上", "30GWh 厂房", "徐工", "总部 隔膜 没有的词", "等总部的批复", "氟", "厂 房", "-总部", "走访",
]  # fmt: skip


@pytest.fixture(scope="module")
def documents():
    chance = random.Random(11)
    firms = [
        company(number, f"示例{number}机械有限公司", names=(f"示例{number}",))
        for number in range(40)
    ]
    notes = []
    for number in range(900):
        firm = chance.choice(firms)
        access = ZONE if chance.random() < 0.8 else frozenset({"team:3"})
        notes.append(
            note(
                number,
                "，".join(chance.sample(PARTS, chance.randint(1, 5))),
                title=firm.title if chance.random() < 0.7 else f"走访{firm.title}",
                company=of_firm(firm.id, firm.title),
                access=access,
                occurred_on=date(2026, 1, 1) + timedelta(days=chance.randrange(200)),
                stage=chance.choice(["contacted", "signed", None]),
                team=chance.choice(["3", "5"]),
                status=chance.choice(["active", "lost"]),
            )
        )
    return [*firms, *notes]


@pytest.fixture
def both(open_embedded, open_elasticsearch, documents):
    engines = open_embedded(), open_elasticsearch()
    for engine in engines:
        with engine.rebuild() as session:
            with session.write() as batch:
                batch.index(documents)
            session.swap(lambda _batch, _keys: None)
    return engines


@pytest.fixture
def few_ranked(monkeypatch):
    """The server chooses what is ranked, out of many more."""
    monkeypatch.setattr(reading, "RANKED", 25)


def test_the_first_hits_totals_and_facets_are_the_same(both, few_ranked):
    embedded, server = both
    filters = [
        Filters(),
        Filters(stages=("signed",), teams=("3",)),
        Filters(types=("interaction",)),
    ]
    different = []
    for asked in ASKED:
        for narrowed in filters:
            for sort in Sort:
                options = {"access": ZONE, "filters": narrowed, "sort": sort, "per_page": 10}
                one, other = (
                    engine.search(parse(asked), **options) for engine in (embedded, server)
                )
                # Within one day the engines list equals in an order of their own.
                if _told(one) != _told(other):
                    different.append((asked, narrowed, sort, _told(one), _told(other)))
    assert not different, [(d[0], d[2], *d[3][0], "|", *d[4][0]) for d in different]


def _told(page):
    """What a page says, apart from the order of hits that are equal."""
    scores = [hit.score for hit in page.hits]
    snippets = {hit.key: (hit.title, hit.snippets) for hit in page.hits[:3]}
    return scores, page.total, page.total_at_least, page.facets, page.relaxed, len(snippets)
