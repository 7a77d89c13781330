"""Contract of every engine: what a hit shows is safe and shows why it was found."""

import re

import pytest

from tests.search.support import company, note, of_firm

EVIL = "<script>alert(\"隔膜\")</script>&<img src=x onerror='a'>隔膜<mark>假的</mark>"


def only(page):
    """The one hit of a page."""
    (hit,) = page.hits
    return hit


def plain(html):
    """The text without the marks."""
    return html.replace("<mark>", "").replace("</mark>", "")


@pytest.mark.parametrize(
    "asked", ["隔膜", "script", "alert", "img", "mark", "隔膜 onerror", "假的", '"隔膜 mark"']
)
def test_nothing_from_a_document_is_html(put, find, asked):
    put(note(1, EVIL * 3, title=EVIL, names=(EVIL,), company=of_firm(1, EVIL)))
    hit = only(find(asked))
    for html in (hit.title, *hit.snippets):
        assert set(re.findall(r"<[^>]*>?", html)) <= {"<mark>", "</mark>"}
        assert re.fullmatch(r"(?:[^<]|<mark>[^<]+</mark>)*", html)
        assert not re.search(r"&(?!amp;|lt;|gt;|quot;|#x27;)", html)


def test_the_original_text_is_marked(put, find):
    put(note(1, "已聯繫協鑫，要ＳｉＣ和３０ＧＷｈ", title="協鑫來訪"))
    hit = only(find("协鑫 sic 30gwh"))
    assert hit.title == "<mark>協鑫</mark>來訪"
    assert hit.snippets == (
        "已聯繫<mark>協鑫</mark>，要<mark>ＳｉＣ</mark>和<mark>３０ＧＷｈ</mark>",
    )


def test_marks_that_touch_are_one(put, find):
    put(note(1, "等总部批复"))
    assert only(find("总部 部批 批复")).snippets == ("等<mark>总部批复</mark>",)


def test_a_long_text_is_cut_to_its_best_stretch(put, find):
    text = "隔膜。" + "别的事情，" * 60 + "这里隔膜和电解液一起谈，" + "再说别的，" * 60
    put(note(1, text))
    (snippet,) = only(find("隔膜 电解液")).snippets
    assert "<mark>隔膜</mark>和<mark>电解液</mark>" in snippet
    assert snippet.startswith("…")
    assert snippet.endswith("…")
    assert 80 <= len(plain(snippet)) <= 120
    assert plain(snippet).strip("…") in text


def test_a_very_long_text_is_answered_and_cut(put, find):
    put(note(1, "别的事情，" * 15_000 + "终于说到隔膜"))
    (snippet,) = only(find("隔膜")).snippets
    assert snippet.endswith("终于说到<mark>隔膜</mark>")
    assert len(plain(snippet)) <= 120


def test_the_beginning_is_shown_where_only_the_title_matches(put, find):
    put(note(1, "正文" * 100, title="隔膜来访"))
    hit = only(find("隔膜"))
    assert hit.title == "<mark>隔膜</mark>来访"
    assert hit.snippets[0].startswith("正文正文")
    assert hit.snippets[0].endswith("…")


def test_the_name_that_matched_is_shown(put, find):
    put(company(1, "卡特彼勒", names=("卡特", "Caterpillar"), text="链主企业"))
    assert "<mark>Cater</mark>pillar" in only(find("cater")).snippets


def test_an_empty_text_gives_no_snippet(put, find):
    put(company(1, "卡特彼勒"))
    assert only(find("卡特")).snippets == ()


def test_invisible_characters_do_not_hinder(put, find):
    put(note(1, "徐\u200b工\u202e集团\x00与徐\ufe0f工"))
    hit = only(find("徐工"))
    assert hit.snippets[0].count("<mark>") == 2
    assert "\x00" not in hit.snippets[0]
