"""Linters, types and import rules: each tool is a test, its findings are the message."""

import subprocess
import sys

import pytest

from tooling.layout import ROOT, VENV_BIN

# What answers requests; programs are started by `tooling` alone, with words of ours.
SERVED = ["crm", "search", "config.py", "wsgi.py"]

TOOLS = {
    "import rules": [VENV_BIN / "lint-imports", "--no-cache"],
    "ruff": [VENV_BIN / "ruff", "check", "--output-format=concise", "."],
    "ruff format": [VENV_BIN / "ruff", "format", "--check", "--output-format=concise", "."],
    "mypy": [sys.executable, "-m", "mypy"],
    "djlint": [VENV_BIN / "djlint", "templates", "--lint", "--quiet"],
    "bandit": [sys.executable, "-m", "bandit", "-q", "-c", "pyproject.toml", "-r", *SERVED],
}


@pytest.mark.parametrize("name", TOOLS)
def test_tool_is_content(name: str) -> None:
    finished = subprocess.run(
        TOOLS[name], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if finished.returncode:
        pytest.fail(f"{name}:\n{finished.stdout[-8000:]}{finished.stderr[-2000:]}", pytrace=False)
