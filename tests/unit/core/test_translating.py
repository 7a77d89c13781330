"""Texts are written into templates once for each language, and come out as if looked up each time."""

from pathlib import Path

import pytest
from flask import Flask, render_template, request
from flask_babel import Babel

from crm.core import translating

ROOT = Path(__file__).resolve().parents[3]
# What a template says, and what that is in Chinese and in English.
TEXTS = (
    ('{{ _("线索") }}', "线索", "Lead"),
    ('<b>{{ _("线索") }}</b>{{ _("企业") }}', "<b>线索</b>企业", "<b>Lead</b>Company"),
    ('{{ _("线索") ~ "<" }}', "线索&lt;", "Lead&lt;"),
    ('{% set word = _("线索") %}{{ word|length }}', "2", "4"),
    ('{{ _("满 100%% 时") }}{{ _("线索") if true else _("企业") }}', "满 100% 时线索", "满 100% 时Lead"),
    ('{{ _("<b>粗</b>") }}{% set x = _("<i>斜</i>") %}{{ x }}', "<b>粗</b><i>斜</i>", "<b>粗</b><i>斜</i>"),
    ('{{ _("第 %(n)s 页", n="<") }}', "第 &lt; 页", "Page &lt;"),
    ("{{ _('线索') }}{{ word._('线索') }}", "线索own", "Leadown"),
)  # fmt: skip


class _Word:
    """Something with a method of that name."""

    def _(self, text: str) -> str:
        return "own" if text else ""


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    app = Flask(__name__, template_folder=str(tmp_path))
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(ROOT / "crm" / "translations")
    app.config["TEMPLATES_AUTO_RELOAD"] = True
    Babel(app, default_locale="zh_CN", locale_selector=lambda: request.args.get("in", "zh_CN"))
    translating.init_app(app)
    return app


def _page(app: Flask, language: str) -> str:
    with app.test_request_context(f"/?in={language}"):
        return render_template("page.html", word=_Word())


@pytest.mark.parametrize(("source", "chinese", "english"), TEXTS)
def test_a_page_is_in_the_language_of_its_reader(
    app: Flask, tmp_path: Path, source: str, chinese: str, english: str
) -> None:
    (tmp_path / "page.html").write_text(source, "utf-8")
    for _turn in range(2):
        assert _page(app, "zh_CN") == chinese
        assert _page(app, "en") == english


def test_parts_of_a_page_follow_the_language(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        '{% extends "frame.html" %}{% from "parts.html" import part %}{% block main %}{{ part() }}{% endblock %}',
        "utf-8",
    )
    (tmp_path / "frame.html").write_text(
        '{% include "head.html" %}{% block main %}{% endblock %}', "utf-8"
    )
    (tmp_path / "head.html").write_text('{{ _("企业") }} ', "utf-8")
    (tmp_path / "parts.html").write_text('{% macro part() %}{{ _("线索") }}{% endmacro %}', "utf-8")
    for language, shown in (("en", "Company Lead"), ("zh_CN", "企业 线索"), ("en", "Company Lead")):
        assert _page(app, language) == shown


def test_a_changed_file_is_read_again(app: Flask, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('{{ _("线索") }}', "utf-8")
    assert _page(app, "en") == "Lead"
    page.write_text('{{ _("企业") }}.', "utf-8")
    assert _page(app, "en") == "Company."


def test_a_page_that_is_not_there_is_said_to_be_missing(app: Flask) -> None:
    with pytest.raises(Exception, match=r"page\.html"):
        _page(app, "en")
