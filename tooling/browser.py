"""A Chromium with Chinese fonts for the browser tests."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tooling.console import SetupError, Step, run_logged
from tooling.layout import VENV_PYTHON, in_ci, is_debian_root
from tooling.python_env import apt_install, child_environment

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
)


def find_chromium() -> str | None:
    """$CHROMIUM, else one on the path or in its usual place, else Playwright's own."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    on_path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    in_place = next((place for place in _PLACES if Path(place).exists()), None)
    return on_path or in_place or _playwright_chromium()


def _playwright_chromium() -> str | None:
    patterns = ("chromium-*/chrome-*/chrome", "chromium-*/chrome-*/chrome.exe",
                "chromium-*/chrome-*/*.app/Contents/MacOS/*")  # fmt: skip
    found = [path for pattern in patterns for path in _playwright_cache().glob(pattern)]
    return str(max(found)) if found else None


def _playwright_cache() -> Path:
    named = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if named:
        return Path(named)
    return {
        "darwin": Path.home() / "Library" / "Caches" / "ms-playwright",
        "win32": Path(os.environ.get("LOCALAPPDATA", "")) / "ms-playwright",
    }.get(sys.platform, Path.home() / ".cache" / "ms-playwright")


def has_chinese_font() -> bool:
    """Whether pages will show Chinese; assumed where fontconfig is not the one who knows."""
    listing = shutil.which("fc-list")
    if sys.platform != "linux" or listing is None:
        return sys.platform != "linux"
    printed = subprocess.run(
        [listing, ":lang=zh", "family"], capture_output=True, text=True, check=False
    )
    return bool(printed.stdout.strip())


def step() -> Step:
    """Have a browser; a person's machine may do without, the integration server may not."""

    def is_due() -> bool:
        return find_chromium() is None or (is_debian_root() and not has_chinese_font())

    return Step("准备浏览器", is_due, _provide)


def _provide() -> None:
    try:
        if is_debian_root():
            missing = [] if has_chinese_font() else ["fontconfig", "fonts-noto-cjk"]
            apt_install(*missing, *([] if find_chromium() else ["chromium"]))
        else:
            run_logged(
                [VENV_PYTHON, "-m", "playwright", "install", "chromium"],
                env=child_environment(),
                failure="安装浏览器失败。",
                advice="请安装 Chromium，或用环境变量 CHROMIUM 指出它的位置。",
            )
    except SetupError:
        if in_ci():
            raise
