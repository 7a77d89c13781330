"""Compiled message catalogues."""

from pathlib import Path

from tooling import stamps
from tooling.console import Step, run_logged
from tooling.layout import ROOT, SETUP, TRANSLATIONS, VENV_PYTHON
from tooling.python_env import child_environment

_STAMP = SETUP / "translations"
_TEMPLATE = SETUP / "messages.pot"
_BABEL: list[str | Path] = [VENV_PYTHON, "-m", "babel.messages.frontend"]
# Calls that mark a text, beside Babel's own: `_`, `gettext`, `ngettext` and the like.
KEYWORDS = ("_l", "N_", "lazy_gettext", "lazy_ngettext:1,2", "lazy_pgettext:1c,2")


def step() -> Step:
    """Compile every catalogue whose source changed."""
    catalogues = sorted(TRANSLATIONS.glob("*/LC_MESSAGES/*.po"))
    wanted = stamps.digest(*catalogues)

    def is_due() -> bool:
        complete = all(catalogue.with_suffix(".mo").exists() for catalogue in catalogues)
        return bool(catalogues) and not (complete and stamps.is_fresh(_STAMP, wanted))

    def compile_catalogues() -> None:
        run_logged(
            [*_BABEL, "compile", "-d", TRANSLATIONS],
            env=child_environment(),
            failure="编译界面译文失败。",
            advice="请检查 crm/translations 下的 .po 文件。",
        )
        stamps.write(_STAMP, wanted)

    return Step("编译界面译文", is_due, compile_catalogues)


def update_step() -> Step:
    """Bring the catalogues up to date with the texts of the code; new ones wait for words."""

    def update() -> None:
        keywords = [word for keyword in KEYWORDS for word in ("-k", keyword)]
        _run(
            "extract", "-F", "babel.cfg", *keywords, "--no-location", "--sort-output",
            "-o", _TEMPLATE, ".",
        )  # fmt: skip
        _run(
            "update", "--init-missing", "-i", _TEMPLATE, "-d", TRANSLATIONS, "-l", "en",
            "--no-fuzzy-matching", "--ignore-obsolete", "-w", "100",
        )  # fmt: skip

    return Step("更新界面译文目录", lambda: True, update)


def _run(*words: str | Path) -> None:
    run_logged(
        [*_BABEL, *words],
        cwd=ROOT,
        env=child_environment(),
        failure="更新界面译文目录失败。",
        advice="请检查上面提到的文件。",
    )
