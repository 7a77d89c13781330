"""Templates hold to the content security policy and to the catalogue."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.support.language import untranslated_in_template
from tests.support.sources import short, templates, text_of

MARKUP = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
OWN_DATA = "application/json"


class _Checker(HTMLParser):
    """Collects what the policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        line = self.getpos()[0]
        for name, value in attrs:
            if name == "style" or name.startswith(("on", "hx-on")):
                self.found.append(f"{line}: {name}= is refused by the policy")
            loads = tag in {"script", "link", "img", "iframe", "use"} and name in {"src", "href"}
            if loads and re.match(r"(https?:)?//", value or ""):
                self.found.append(f"{line}: {tag} from elsewhere: {value}")
        if tag == "style":
            self.found.append(f"{line}: inline style")
        if tag == "script" and "src" not in given and given.get("type") != OWN_DATA:
            self.found.append(f"{line}: inline script")


def refused(text: str) -> list[str]:
    """What a browser under our policy would not run or load, by line."""
    checker = _Checker()
    checker.feed(MARKUP.sub(_blank, text))
    return checker.found


def _blank(match: re.Match[str]) -> str:
    """Template syntax is put aside; the lines keep their numbers."""
    return "\n" * match.group(0).count("\n") or "x"


def _pages() -> list[Path]:
    return [path for path in templates() if path.suffix == ".html"]


def test_templates_hold_to_the_content_security_policy() -> None:
    found = [f"{short(path)}:{line}" for path in _pages() for line in refused(text_of(path))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "markup",
    [
        '<p style="color:red">',
        '<button onclick="go()">',
        '<div hx-on:click="go()">',
        "<script>go()</script>",
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="//cdn.example/x.css">',
        "<style>p{}</style>",
        '<p {% if a %}class="b"{% endif %} style="x">',
    ],
)
def test_the_check_of_the_policy_bites(markup: str) -> None:
    assert refused(markup)


def test_the_check_of_the_policy_lets_good_pages_pass() -> None:
    assert not refused(
        '<script type="module" src="{{ asset("app.js") }}"></script>'
        '<script type="application/json" id="messages">{{ m|tojson }}</script>'
        '<a href="https://example.org" rel="noopener">x</a><p class="{{ "on" if a }}">'
    )


def test_every_chinese_text_of_a_template_is_in_the_catalogue() -> None:
    found = [
        f"{short(path)}:{line}"
        for path in templates()
        for line in untranslated_in_template(text_of(path))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        "<p>企业</p>",
        '<p title="企业">x</p>',
        '{{ "企业" }}',
        '{{ button("企业") }}',
        '{% set title = "企业" %}',
        '{{ _("企业") ~ "线索" }}',
        '{% if a %}{{ "是" if a else "否" }}{% endif %}',
        '{% macro m(label="企业") %}{% endmacro %}',
        "{% for x in ['企业'] %}{{ x }}{% endfor %}",
    ],
)
def test_the_check_of_texts_bites(source: str) -> None:
    assert untranslated_in_template(source)


@pytest.mark.parametrize(
    "source",
    [
        '<p title="{{ _("企业") }}">{{ _("共 %(n)s 家", n=total) }}</p>',
        '{# 企业 #}<p>{{ ngettext("%(num)s 家", "%(num)s 家", total) }}</p>',
        '{{ button(_("企业")) }}',
        "{% trans %}企业{% endtrans %}",
        '{% if kind == "其他" %}a{% endif %}',
    ],
)
def test_the_check_of_texts_lets_marked_ones_pass(source: str) -> None:
    assert not untranslated_in_template(source)
