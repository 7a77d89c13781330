"""What of a document is shown."""

import re
from html import unescape

from hypothesis import given, strategies as st

from search.analysis import normalise
from search.snippets import WIDTH, Shown, Wanted, marked_title, snippets


def wanted(*terms):
    """Terms to be marked."""
    return Wanted(terms)


def plain(html):
    """The text that a reader sees."""
    return unescape(re.sub(r"</?mark>", "", html))


def test_the_stretch_with_most_terms_wins():
    text = "电机。" + "甲" * 200 + "电机和隔膜" + "乙" * 200
    (snippet,) = snippets(Shown("", text, ()), wanted("电机", "隔膜"))
    assert snippet.count("<mark>") == 2
    assert snippet.startswith("…甲")
    assert snippet.endswith("乙…")
    assert len(plain(snippet)) == WIDTH + 2


def test_names_are_shown_only_for_what_the_text_lacks():
    shown = Shown("走访", "电机", ("示例电机厂", "隔膜公司", "隔膜二厂"))
    assert snippets(shown, wanted("电机", "隔膜")) == ("<mark>电机</mark>", "<mark>隔膜</mark>公司")
    assert snippets(shown._replace(title="隔膜走访"), wanted("电机", "隔膜")) == (
        "<mark>电机</mark>",
    )


def test_titles_are_marked_whole():
    title = "甲" * 300 + "协鑫&"
    assert marked_title(title, wanted("协鑫")) == "甲" * 300 + "<mark>协鑫</mark>&amp;"


@given(
    st.text(st.sampled_from("徐工<>&\"'協A3 ，\n㎡é"), max_size=300),
    st.lists(st.text(st.sampled_from("徐工协a3 "), min_size=1, max_size=3), max_size=4),
)
def test_marks_hold_the_terms_and_the_rest_is_the_text(text, typed):
    terms = [term for one in typed if (term := normalise(one))]
    html = marked_title(text, wanted(*terms))
    assert plain(html) == text
    marked = re.findall(r"<mark>(.*?)</mark>", html, re.DOTALL)
    for piece in marked:
        assert any(term in normalise(unescape(piece)) for term in terms)
    if any(term in normalise(text) for term in terms):
        assert marked
    for snippet in snippets(Shown("", text, ()), wanted(*terms)):
        assert plain(snippet).strip("…") in text
        assert len(plain(snippet)) <= WIDTH + 2
