"""Start the product: for trying it out, and for production."""

import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

from tooling.console import SetupError, Step, run_logged, say
from tooling.layout import ROOT, VENV_PYTHON, WINDOWS
from tooling.python_env import child_environment

DEFAULT_PORT = 5000
LOCALHOST = "127.0.0.1"


def chosen_port() -> int:
    """$PORT, 5000 when unset; a port is 1 to 65535."""
    text = os.environ.get("PORT") or str(DEFAULT_PORT)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise SetupError(f"PORT 应是 1 到 65535 的数字，现在是“{text}”。", "例如：PORT=5001")
    return int(text)


def check_port_is_free(host: str, port: int) -> None:
    """Say so before anything is installed when another program listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if not WINDOWS:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SetupError(
                f"{host}:{port} 不能使用：{error.strerror}。",
                f"请停掉占用它的程序，或换一个端口，例如：PORT={port + 1} python3 manage.py run",
            ) from error


def data_dir() -> Path:
    """$DATA_DIR, seen from where the command was given; `instance/` when unset."""
    return Path(os.environ.get("DATA_DIR") or ROOT / "instance").absolute()


def secret_key(folder: Path) -> str:
    """$SECRET_KEY, else the one kept in the data folder, made on first use for its owner alone."""
    given = os.environ.get("SECRET_KEY")
    if given:
        return given
    path = folder / "secret_key"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    except OSError as error:
        raise SetupError(
            f"无法在数据目录 {folder} 中写入：{error.strerror}。",
            "请检查目录权限和磁盘空间，或用 DATA_DIR 指定另一个目录。",
        ) from error
    key = path.read_text(encoding="ascii").strip()
    if not key:
        raise SetupError(f"{path} 是空的。", "请删除这个文件后重试，会自动生成新的密钥。")
    return key


def server_environment(**settings: str) -> dict[str, str]:
    """What the application and its commands are started with."""
    return {**child_environment(), "DATA_DIR": str(data_dir()), **settings}


def prepare_step(env: dict[str, str], *, demo: bool, printed: list[str]) -> Step:
    """Migrate, fill an empty database when `demo`, build the index; keeps what it prints."""

    def prepare() -> None:
        options = ["--demo"] if demo else []
        output = run_logged(
            [VENV_PYTHON, "-m", "flask", "prepare", *options],
            env=env,
            failure="准备数据库失败。",
            advice="数据库没有打开成功或升级中断，原有数据未被删除；请按上面的提示处理后重试。",
        )
        printed.extend(output.splitlines())

    title = "准备数据库、示例数据与搜索索引" if demo else "准备数据库与搜索索引"
    return Step(title, lambda: True, prepare)


def start(env: dict[str, str], banner: str, *, host: str, port: int, local: bool) -> NoReturn:
    """Hand over to the web server; `banner` is shown once it listens. Ctrl-C stops it."""
    env = {**env, "CRM_BANNER": banner, "HOST": host, "PORT": str(port)}
    os.chdir(ROOT)
    if WINDOWS:
        say(banner)
        command = [str(VENV_PYTHON), "-m", "flask", "run", "-h", host, "-p", str(port)]
        sys.exit(subprocess.run(command, env=env, check=False).returncode)
    command = [str(VENV_PYTHON), "-m", "gunicorn", "-c", "gunicorn.conf.py"]
    if local:
        command += ["--workers", "1", "--log-level", "warning", "--graceful-timeout", "3"]
    sys.stdout.flush()
    os.execve(VENV_PYTHON, [*command, "wsgi:app"], env)
