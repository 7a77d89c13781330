"""Every Chinese text that the code can show is marked for the catalogue."""

import ast
from fnmatch import fnmatch

import pytest

from tests.support.language import unmarked_in_python
from tests.support.sources import python_files, short, tree_of

# Modules whose Chinese is data, not a text of the screen: pattern of the path → why.
ALLOWED = {
    "crm/demo/*": "made-up firms and notes",
    "crm/cli.py": "the terminal has no language setting; commands speak Chinese",
    "crm/*/commands.py": "as above",
    "crm/accounts/browsers.py": "names of programs",
    "crm/companies/names.py": "legal suffixes and separators, compared with and never shown",
    "crm/companies/queries/matching.py": "legal suffixes, compared with and never shown",
    "crm/interactions/parse/*": "words as people write them, compared with and never shown",
    "crm/core/quantity.py": "numerals and units as people write them in amounts",
    "crm/exchange/cells.py": "words of files, the same in every language",
    "crm/exchange/sheets.py": "words of files, the same in every language",
    "crm/find/lexicon.py": "words as people type them into the search, never shown otherwise",
    "crm/*/search.py": "what documents say so that they are found",
    "crm/api/openapi.py": "the description of the API is one English text with the words of files",
    "crm/api/schemas/*": "as above",
}
# Single texts elsewhere, for the same reason.
ALLOWED_TEXTS = {("crm/accounts/services/own.py", "中文"): "a language is named in itself"}


def is_allowed(path: str, text: str) -> bool:
    listed = any(fnmatch(path, pattern) for pattern in ALLOWED)
    return listed or (path, text) in ALLOWED_TEXTS


def test_every_chinese_text_of_the_code_is_marked() -> None:
    found = [
        f"{short(path)}:{line} {text}"
        for path in python_files("crm")
        for line, text in unmarked_in_python(tree_of(path))
        if not is_allowed(short(path), text)
    ]
    assert not found, "mark with _(), _l() or N_():\n" + "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        'x = "企业"',
        'f(label="企业")',
        'flash(f"企业{n}")',
        'raise E("没有找到。")',
        'x = {"企业": 1}',
    ],
)
def test_the_check_bites(source: str) -> None:
    assert unmarked_in_python(ast.parse(source))


@pytest.mark.parametrize(
    "source",
    [
        '"""企业"""',
        'def f():\n    """企业"""',
        '_("企业")',
        'N_("企业")',
        'x = babel.gettext("企业")',
        'x = re.compile("[企业]")',
    ],
)
def test_the_check_lets_marked_texts_pass(source: str) -> None:
    assert not unmarked_in_python(ast.parse(source))
