"""Sizes of files and functions, unfinished work, lock files."""

import ast
import re

import pytest

from tests.support.sources import python_files, short, templates, text_of, tree_of
from tooling.layout import REQUIREMENTS, ROOT

MOST_LINES = 400
MOST_FUNCTION_LINES = 48
# The words are put together here so that this file does not find itself.
UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) + r")\b")
SWITCHED_OFF = re.compile(r"NotImplemented" + r"Error|mark\.(?:sk" + r"ip|xf" + r"ail)\b")
PIN = re.compile(r"^([a-z0-9._-]+(?:\[[^\]]*\])?)==(\S+)", re.MULTILINE)


def test_no_file_is_too_long() -> None:
    long = {
        short(path): lines
        for path in python_files()
        if "migrations" not in path.parts and (lines := text_of(path).count("\n")) > MOST_LINES
    }
    assert not long, f"split by sub-noun: {long}"


def test_no_function_is_too_long() -> None:
    long = [
        f"{short(path)}:{node.lineno} {node.name} {node.end_lineno - node.lineno + 1}"
        for path in python_files("crm", "search", "tooling")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > MOST_FUNCTION_LINES
    ]
    assert not long, "\n".join(long)


def test_whoever_writes_the_stage_log_keeps_it_in_short() -> None:
    """Funnels are counted from `lead_reached`; see docs/adr/0014."""
    writers = [path for path in python_files("crm") if "StageEntry(\n" in text_of(path)]
    assert len(writers) > 2
    for path in writers:
        if path.name != "models.py":
            assert "refresh_reached(" in text_of(path), short(path)


def test_nothing_is_unfinished_or_switched_off() -> None:
    scripts = sorted((ROOT / "static" / "src").rglob("*.js"))
    found = [
        f"{short(path)}:{number} {line.strip()}"
        for path in [*python_files(), *templates(), *scripts]
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if UNFINISHED.search(line) or SWITCHED_OFF.search(line)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", ["base", "dev", "node", "uv"])
def test_requirements_are_locked_with_hashes(name: str) -> None:
    lock = (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8")
    pins = {re.sub(r"\[.*\]", "", pin).replace("_", "-") for pin, _ in PIN.findall(lock)}
    wanted = _wanted(name)
    assert wanted <= pins, f"run python3 manage.py lock: {sorted(wanted - pins)} is not locked"
    blocks = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in block for block in blocks)


def _wanted(name: str) -> set[str]:
    lines = (REQUIREMENTS / f"{name}.in").read_text(encoding="utf-8").splitlines()
    names = [re.match(r"[A-Za-z0-9._-]+", line) for line in lines if not line.startswith("-")]
    return {match.group(0).lower() for match in names if match}


def test_what_the_tests_install_never_changes_what_the_product_installed() -> None:
    base = dict(PIN.findall((REQUIREMENTS / "base.txt").read_text(encoding="utf-8")))
    dev = dict(PIN.findall((REQUIREMENTS / "dev.txt").read_text(encoding="utf-8")))
    assert base.items() <= dev.items()


def test_lock_files_name_no_address() -> None:
    locks = [*REQUIREMENTS.glob("*.*"), ROOT / "package.json", ROOT / "package-lock.json"]
    for lock in locks:
        text = text_of(lock)
        assert '"resolved"' not in text, short(lock)
        assert "index-url" not in text, short(lock)
        assert "find-links" not in text, short(lock)
        hosts = set(re.findall(r"https?://([^/\s\"]+)", text)) - FUNDING
        assert not hosts, f"{short(lock)} names {hosts}"


# Where makers of npm packages ask for support: part of their descriptions, never called.
FUNDING = {"github.com", "opencollective.com", "paypal.me", "tidelift.com", "www.patreon.com"}
