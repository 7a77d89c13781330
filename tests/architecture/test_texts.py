"""Every Chinese text that the code can show is marked for the catalogue."""

import ast

import pytest

from tests.support.language import unmarked_in_python
from tests.support.sources import python_files, short, tree_of

# Modules whose Chinese is data, not a text of the screen: file or folder → why.
ALLOWED = {
    "crm/demo/": "made-up firms and notes",
    "crm/companies/names.py": "legal suffixes and separators, compared with and never shown",
    "crm/interactions/parse/": "words as people write them, compared with and never shown",
    "crm/core/money.py": "units as people write them in amounts",
}


def is_allowed(path: str) -> bool:
    return path.startswith(tuple(ALLOWED))


def test_every_chinese_text_of_the_code_is_marked() -> None:
    found = [
        f"{short(path)}:{line}"
        for path in python_files("crm")
        if not is_allowed(short(path))
        for line in unmarked_in_python(tree_of(path))
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
    ],
)
def test_the_check_lets_marked_texts_pass(source: str) -> None:
    assert not unmarked_in_python(ast.parse(source))
