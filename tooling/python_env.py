"""The virtual environment and what is installed in it."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from tooling import stamps
from tooling.console import SetupError, Step, run_logged
from tooling.layout import REQUIREMENTS, ROOT, UV, VENV, VENV_PYTHON, is_debian_root
from tooling.package_index import parse_pip_config, uv_environment, uv_options

_PLACE = VENV / ".crm-place"
_NETWORK_ADVICE = "请检查网络，或用 pip config 设好您的软件源与证书，然后重新运行本命令。"


def child_environment() -> dict[str, str]:
    """Our environment for programs of the virtual environment, free of another Python's traces.

    They may keep their byte code: without it every start takes seconds longer.
    """
    foreign = {"PYTHONHOME", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}
    env = {name: value for name, value in os.environ.items() if name not in foreign}
    env["PYTHONUTF8"] = "1"
    return env


def environment_step() -> Step:
    """Create `.venv`, anew when its Python is gone or the checkout was moved."""
    return Step("创建 Python 环境", lambda: not _is_usable(), _create)


def _is_usable() -> bool:
    if not VENV_PYTHON.exists():
        return False
    return not _PLACE.exists() or stamps.is_fresh(_PLACE, str(ROOT))


def _create() -> None:
    if VENV.exists():
        shutil.rmtree(VENV)
    try:
        venv.create(VENV, with_pip=False, symlinks=os.name != "nt")
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetupError(f"无法创建 Python 环境：{error}", "请检查磁盘空间和目录权限。") from error
    stamps.write(_PLACE, str(ROOT))


def packages_step(name: str, title: str) -> Step:
    """Install `requirements/<name>.txt`; what else is installed stays.

    `dev.txt` holds everything of `base.txt` at the same versions, so having installed it
    counts for both.
    """
    wanted = _lock_digest(name)

    def is_due() -> bool:
        return not stamps.is_fresh(_stamp(name), wanted)

    def install() -> None:
        install_locked(name)
        stamps.write(_stamp(name), wanted)
        if name == "dev":
            stamps.write(_stamp("base"), _lock_digest("base"))

    return Step(title, is_due, install)


def _stamp(name: str) -> Path:
    return VENV / f".crm-packages-{name}"


def _lock_digest(name: str) -> str:
    return stamps.digest(REQUIREMENTS / f"{name}.txt", sys.version.split()[0])


def install_locked(name: str) -> None:
    """Install exactly the files whose hashes the lock file names, with uv or else with pip."""
    lock = REQUIREMENTS / f"{name}.txt"
    pip = _pip_command()
    settings = _pip_settings(pip)
    failure = f"安装 {lock.name} 中的 Python 组件失败。"
    if _ensure_uv(pip):
        uv: list[str | Path] = [UV, "pip", "install", "--python", VENV_PYTHON]
        run_logged(
            [*uv, *uv_options(settings), "--require-hashes", "-r", lock],
            env=uv_environment(settings, child_environment()),
            failure=failure,
            advice=_NETWORK_ADVICE,
        )
    else:
        _pip_install(pip, lock, failure)


def _pip_install(pip: list[str | Path], lock: Path, failure: str) -> None:
    run_logged(
        [*pip, "install", "--disable-pip-version-check", "--require-hashes", "-r", lock],
        env=child_environment(),
        failure=failure,
        advice=_NETWORK_ADVICE,
    )


def _ensure_uv(pip: list[str | Path]) -> bool:
    """Have the pinned uv in the environment; false when this machine cannot have it."""
    stamp, wanted = _stamp("uv"), _lock_digest("uv")
    if UV.exists() and stamps.is_fresh(stamp, wanted):
        return True
    try:
        _pip_install(pip, REQUIREMENTS / "uv.txt", "安装 uv 失败，改用 pip。")
    except SetupError:
        return False
    stamps.write(stamp, wanted)
    return UV.exists()


def lock_tools() -> tuple[Path, dict[str, str], list[str]]:
    """uv, its environment and its options, for compiling the lock files."""
    pip = _pip_command()
    if not _ensure_uv(pip):
        raise SetupError("无法安装 uv，不能重新锁定版本。", _NETWORK_ADVICE)
    settings = _pip_settings(pip)
    return UV, uv_environment(settings, child_environment()), uv_options(settings)


def _pip_settings(pip: list[str | Path]) -> dict[str, str]:
    listed = subprocess.run(
        [*pip, "config", "list"],
        env=child_environment(), stdin=subprocess.DEVNULL, capture_output=True,
        text=True, encoding="utf-8", errors="replace", check=False,
    )  # fmt: skip
    return parse_pip_config(listed.stdout.splitlines())


def _pip_command() -> list[str | Path]:
    """A pip that installs into `.venv`: its own, or the machine's pip pointed at it."""
    own: list[str | Path] = [VENV_PYTHON, "-m", "pip"]
    machine: list[str | Path] = [sys.executable, "-m", "pip"]
    if _works(own) or (_works([VENV_PYTHON, "-m", "ensurepip"]) and _works(own)):
        return own
    if _works([*machine, "--python", VENV_PYTHON]):
        return [*machine, "--python", VENV_PYTHON]
    if is_debian_root():
        apt_install("python3-venv", "python3-pip")
        if _works([VENV_PYTHON, "-m", "ensurepip"]) and _works(own):
            return own
        if _works([*machine, "--python", VENV_PYTHON]):
            return [*machine, "--python", VENV_PYTHON]
    raise SetupError(
        "这台机器的 Python 没有 pip。",
        "请先安装 pip 后重试；Debian 或 Ubuntu 上：sudo apt-get install python3-venv python3-pip",
    )


def _works(command: list[str | Path]) -> bool:
    quiet = command if "ensurepip" in command else [*command, "--version"]
    finished = subprocess.run(
        quiet, env=child_environment(), stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    return finished.returncode == 0


def apt_install(*packages: str) -> None:
    """Install Debian packages; only for root on Debian."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    advice = "请检查网络与系统软件源，然后重试。"
    run_logged(["apt-get", "update"], env=env, failure="apt-get update 失败。", advice=advice)
    run_logged(
        ["apt-get", "install", "--yes", "--no-install-recommends", *packages],
        env=env,
        failure=f"安装系统软件失败：{' '.join(packages)}",
        advice=advice,
    )
