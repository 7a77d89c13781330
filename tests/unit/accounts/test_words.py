"""Names, browsers and ways back: what is read out of texts from outside."""

import pytest

from crm.accounts.browsers import browser_name
from crm.accounts.names import initials_of, pinyin_of
from crm.accounts.signed_out import is_local


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [("周敏", "zhoumin", "zm"), ("欧阳 娜娜", "ouyangnana", "oynn"), ("Li Lei", "lilei", "ll")],
)
def test_people_are_found_by_pinyin_and_initials(name: str, pinyin: str, initials: str) -> None:
    assert pinyin_of(name) == pinyin
    assert initials_of(name) == initials


def test_long_names_fit_their_columns() -> None:
    assert len(pinyin_of("装" * 80)) <= 200
    assert len(initials_of("装" * 80)) <= 40


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/140.0 Safari/537.36 Edg/140.0"
            ),
            "Edge · Windows",
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 "
                "Version/18.0 Mobile/15E148 Safari/604.1"
            ),
            "Safari · iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 MicroMessenger/8.0", "微信 · Android"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "—"),
    ],
)
def test_a_browser_is_named_as_people_know_it(agent: str, words: str) -> None:
    assert browser_name(agent) == words


@pytest.mark.parametrize("target", ["/", "/leads/?stage=signed&q=硅#x", "/a//b", "/a?next=//b"])
def test_paths_of_this_site_are_local(target: str) -> None:
    assert is_local(target)


@pytest.mark.parametrize(
    "target",
    ["", "leads", "//example.org", "/\\example.org", "https://example.org/", "/a\\b", "/a b",
     "/\t//example.org", "javascript:alert(1)", "\\\\example.org", "/\x00"],
)  # fmt: skip
def test_everything_else_is_not(target: str) -> None:
    assert not is_local(target)
