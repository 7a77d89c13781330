"""Compiled message catalogues."""

from tooling import stamps
from tooling.console import Step, run_logged
from tooling.layout import SETUP, TRANSLATIONS, VENV_PYTHON
from tooling.python_env import child_environment

_STAMP = SETUP / "translations"


def step() -> Step:
    """Compile every catalogue whose source changed."""
    catalogues = sorted(TRANSLATIONS.glob("*/LC_MESSAGES/*.po"))
    wanted = stamps.digest(*catalogues)

    def is_due() -> bool:
        complete = all(catalogue.with_suffix(".mo").exists() for catalogue in catalogues)
        return bool(catalogues) and not (complete and stamps.is_fresh(_STAMP, wanted))

    def compile_catalogues() -> None:
        run_logged(
            [VENV_PYTHON, "-m", "babel.messages.frontend", "compile", "-d", TRANSLATIONS],
            env=child_environment(),
            failure="编译界面译文失败。",
            advice="请检查 crm/translations 下的 .po 文件。",
        )
        stamps.write(_STAMP, wanted)

    return Step("编译界面译文", is_due, compile_catalogues)
