"""Contract of every engine: exactly what a scan of all texts would find, within what may be seen."""

from typing import NamedTuple

from hypothesis import HealthCheck, given, settings, strategies as st

from search.analysis import normalise
from tests.search.support import asking, note

# Few different characters, so that chance brings about many partial matches.
CHARS = st.sampled_from("徐工州硅矽協协鑫总部批A3gW0h，。 \nＳé㎡")
TOKENS = ("zone", "team:3", "lead:7", "user:9")


class Corpus(NamedTuple):
    """Notes, a term to look for, and who asks."""

    notes: list[tuple[str, frozenset[str]]]
    term: str
    access: frozenset[str]


@st.composite
def corpora(draw: st.DrawFn) -> Corpus:
    """Random notes and a term that is often cut out of one of them."""
    access = st.frozensets(st.sampled_from(TOKENS), max_size=3)
    notes = draw(st.lists(st.tuples(st.text(CHARS, max_size=40), access), max_size=12))
    term = draw(st.text(CHARS, min_size=1, max_size=6))
    whole = draw(st.sampled_from([text for text, _ in notes])) if notes else ""
    if len(whole) > 1 and draw(st.booleans()):
        start = draw(st.integers(0, len(whole) - 2))
        term = whole[start : start + draw(st.integers(2, 8))]
    return Corpus(notes, term, draw(access))


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(corpus=corpora())
def test_hits_are_those_of_a_scan(engine, corpus):
    documents = [
        note(number, text, title="t", access=access)
        for number, (text, access) in enumerate(corpus.notes)
    ]
    with engine.write() as batch:
        batch.delete(note(number, "").key for number in range(12))
        batch.index(documents)
    engine.refresh()
    term = normalise(corpus.term)
    if not term:
        return
    visible = [document for document in documents if document.access & corpus.access]
    expected = {document.id for document in visible if term in normalise(document.text)}
    found = {
        "word": engine.search(asking(term), access=corpus.access),
        "phrase": engine.search(asking(term, quoted=True), access=corpus.access),
    }
    for page in found.values():
        if page.relaxed:
            assert not expected
            continue
        assert {hit.id for hit in page.hits} == expected
        assert page.total == len(expected)
        assert sum(page.facets.get("type", {}).values()) == len(expected)
    excluded = engine.search(asking("t", without=(term,)), access=corpus.access)
    if "t" not in term:
        assert {hit.id for hit in excluded.hits} == {one.id for one in visible} - expected
