"""Which new passwords are refused, and how a password is compared."""

import pytest

from crm.accounts import passwords


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("123456789", "至少 10 个字符"),
        ("", "至少 10 个字符"),
        ("x" * 201, "最多 200 个字符"),
        ("zhouminming", "不能是用户名"),
        ("ZhouMinMing", "不能是用户名"),
        ("zhouminming1", "不能是用户名"),
        ("password123", "太常见"),
        ("PassWord123", "太常见"),
        ("1234567890", "太常见"),
        ("aaaaaaaaaaaa", "太常见"),
        ("ababababababab", "太常见"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(password: str, said: str) -> None:
    (reason,) = passwords.weaknesses(password, "zhouminming")
    assert said in reason


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "春江潮水连海平海上明月",
        "zhouminming likes tea",
        " 十个字 的 密码呀 ",
    ],
)
def test_a_good_password_is_taken(password: str) -> None:
    assert passwords.weaknesses(password, "zhouminming") == []


def test_only_the_right_password_matches() -> None:
    kept = passwords.hash_password("correct horse battery")
    assert "correct" not in kept
    assert passwords.matches(kept, "correct horse battery")
    assert not passwords.matches(kept, "correct horse battery ")
    assert not passwords.matches(kept, "")


@pytest.mark.parametrize("kept", [None, "", "not a hash"])
def test_without_a_hash_nothing_matches(kept: str | None) -> None:
    assert not passwords.matches(kept, "no one's password")
    assert not passwords.matches(kept, "")


def test_a_hash_of_today_need_not_be_made_anew() -> None:
    assert not passwords.needs_rehash(passwords.hash_password("correct horse battery"))
