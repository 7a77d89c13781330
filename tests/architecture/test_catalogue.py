"""The English catalogue is complete: every text of the code has a translation that fits it."""

import re
from functools import cache

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.pofile import read_po

from tests.support.language import CHINESE
from tooling.layout import ROOT, TRANSLATIONS
from tooling.translations import KEYWORDS

PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]")
# Translations that show Chinese on purpose.
SHOWN_AS_THEY_ARE = {"中文"}

MessageId = str | tuple[str, ...]


@cache
def extracted() -> frozenset[MessageId]:
    """The texts of code and templates, a tuple for one with a plural."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    keywords = DEFAULT_KEYWORDS | parse_keywords(KEYWORDS)
    found = extract_from_dir(ROOT, methods, options, keywords)
    return frozenset(
        message if isinstance(message, str) else tuple(message) for _, _, message, _, _ in found
    )


@cache
def english() -> Catalog:
    path = TRANSLATIONS / "en" / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        pytest.fail(f"{path.relative_to(ROOT)} is missing", pytrace=False)
    with path.open("rb") as file:
        return read_po(file, locale="en")


def faults(message: Message) -> list[str]:
    """What is wrong with one translation."""
    sources = [message.id] if isinstance(message.id, str) else list(message.id)
    given = [message.string] if isinstance(message.string, str) else list(message.string or [""])
    wrong = []
    if message.fuzzy:
        wrong.append("fuzzy")
    if not all(given):
        wrong.append("empty")
    wanted = {name for source in sources for name in PLACEHOLDER.findall(source)}
    # A singular may say "one" instead of the number.
    optional = {"num"} if len(given) > 1 else set()
    for text in filter(None, given):
        names = set(PLACEHOLDER.findall(text))
        if names | optional != wanted | optional:
            wrong.append(f"placeholders {sorted(names)} for {sorted(wanted)}")
        if CHINESE.search(text) and text not in SHOWN_AS_THEY_ARE:
            wrong.append("still Chinese")
    return [f"{sources[0]}: {fault}" for fault in wrong]


def test_every_text_is_in_the_english_catalogue() -> None:
    known = {m.id if isinstance(m.id, str) else tuple(m.id) for m in english() if m.id}
    missing = sorted(map(str, extracted() - known))
    assert not missing, f"{len(missing)} texts; run python3 manage.py texts:\n" + "\n".join(missing)


def test_the_english_catalogue_has_nothing_that_the_code_no_longer_says() -> None:
    known = {m.id if isinstance(m.id, str) else tuple(m.id) for m in english() if m.id}
    assert not known - extracted()


def test_every_translation_fits_its_text() -> None:
    found = [fault for message in english() if message.id for fault in faults(message)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (Message("企业", "Company"), ""),
        (Message("企业", ""), "empty"),
        (Message("企业", "Company", flags=["fuzzy"]), "fuzzy"),
        (Message("企业", "Firm 企业"), "still Chinese"),
        (Message("共 %(n)s 家", "companies"), "placeholders"),
        (Message("共 %(n)s 家", "%(n)s companies"), ""),
        (Message(("%(num)s 家", "%(num)s 家"), ("one company", "%(num)s companies")), ""),
        (Message(("%(num)s 家", "%(num)s 家"), ("one company", "")), "empty"),
    ],
)
def test_the_check_of_translations_bites(message: Message, expected: str) -> None:
    found = faults(message)
    assert bool(found) == bool(expected)
    assert expected in "".join(found)
