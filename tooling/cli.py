"""The commands of `manage.py`."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from tooling import browser, elasticsearch, lock_files, node_env, server, translations
from tooling.console import SetupError, Step, elapsed, run_steps, say
from tooling.layout import LOG, ROOT, VENV_PYTHON
from tooling.locking import only_one
from tooling.python_env import child_environment, environment_step, packages_step

USAGE = """用法：python3 manage.py 命令

  run          安装所需的一切，填入示例数据，在 http://127.0.0.1:${PORT:-5000} 启动
  test [参数]  安装测试所需的一切并运行全部测试；参数原样交给 pytest
  setup        只安装并升级数据库，不启动
  serve        正式启动：多个工作进程，不填示例数据，需要 SECRET_KEY
  texts        把代码里的新文字收进译文目录
  lock         按 requirements/*.in 和 package.json 重新锁定版本

环境变量的说明见 README。"""


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    name, *rest = arguments or [""]
    commands: dict[str, Callable[[], int]] = {
        "run": run,
        "setup": set_up,
        "serve": serve,
        "texts": texts,
        "lock": lock,
    }
    try:
        if name == "test":
            return test(rest)
        if name in commands and not rest:
            return commands[name]()
    except SetupError as error:
        print(f"\n出错了：{error}\n{error.advice}".rstrip(), file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        say("\n已停止。")
        return 130
    asked = name in ("help", "-h", "--help")
    print(USAGE, file=sys.stdout if asked else sys.stderr)
    return 0 if asked else 2


def _install_steps(packages: str) -> list[Step]:
    title = "安装 Python 组件" if packages == "base" else "安装 Python 组件（含测试工具）"
    return [
        environment_step(),
        packages_step(packages, title),
        *node_env.steps(),
        translations.step(),
    ]


def run() -> int:
    """Install, migrate, fill with demo data, serve on this machine."""
    port = server.chosen_port()
    server.check_port_is_free(server.LOCALHOST, port)
    demo = os.environ.get("DEMO", "1").lower() not in ("0", "false", "no", "")
    env = server.server_environment(
        SECRET_KEY=server.secret_key(server.data_dir()),
        DEMO="1" if demo else "0",
        CRM_WORKER_THREAD="1",
    )
    printed: list[str] = []
    with only_one():
        run_steps([*_install_steps("base"), server.prepare_step(env, demo=demo, printed=printed)])
    banner = "\n".join(
        ["", f"已启动：http://{server.LOCALHOST}:{port}", *printed, "按 Ctrl-C 停止。"]
    )
    server.start(env, banner, host=server.LOCALHOST, port=port, local=True)


def serve() -> int:
    """The production start."""
    if not os.environ.get("SECRET_KEY"):
        raise SetupError(
            "正式启动需要 SECRET_KEY。",
            '请先生成一个并妥善保存：python3 -c "import secrets; print(secrets.token_hex(32))"',
        )
    host, port = os.environ.get("HOST") or server.LOCALHOST, server.chosen_port()
    server.check_port_is_free(host, port)
    worker = os.environ.get("CRM_WORKER_THREAD", "1")
    env = server.server_environment(DEMO="0", CRM_WORKER_THREAD=worker)
    with only_one():
        run_steps([*_install_steps("base"), server.prepare_step(env, demo=False, printed=[])])
    server.start(env, f"已启动：http://{host}:{port}", host=host, port=port, local=False)


def set_up() -> int:
    """Install and migrate, then stop."""
    started = time.monotonic()
    env = server.server_environment(DEMO="0")
    with only_one():
        run_steps([*_install_steps("base"), server.prepare_step(env, demo=False, printed=[])])
    say(f"安装完成，用时 {elapsed(time.monotonic() - started)}。启动：python3 manage.py run")
    return 0


def test(arguments: Sequence[str]) -> int:
    """Install what the tests need and run pytest; the exit code is pytest's."""
    with only_one():
        run_steps([*_install_steps("dev"), browser.step(), elasticsearch.step()])
    env = child_environment()
    chromium = browser.find_chromium()
    if chromium:
        env["CHROMIUM"] = chromium
    parallel = any(word.startswith(("-n", "--numprocesses")) for word in arguments)
    options = [] if parallel else ["-n", "auto"]
    command = [str(VENV_PYTHON), "-m", "pytest", *options, *arguments]
    finished = subprocess.run(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, check=False)
    return finished.returncode


def texts() -> int:
    """Collect the texts of the code into the catalogues."""
    with only_one():
        run_steps([environment_step(), packages_step("base", "安装 Python 组件")])
        run_steps([translations.update_step()])
    return 0


def lock() -> int:
    """Compile the lock files anew."""
    with only_one():
        run_steps([environment_step(), *lock_files.steps()])
    say(f"已更新 requirements/*.txt 与 package-lock.json（记录：{LOG}）。")
    return 0
