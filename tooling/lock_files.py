"""Lock the versions anew: requirements/*.txt and package-lock.json."""

from tooling import node_env
from tooling.console import Step, run_logged
from tooling.layout import REQUIREMENTS, ROOT
from tooling.python_env import lock_tools

# dev is compiled within base, so that installing one never changes what the other installed.
_ORDER = {"uv": [], "node": [], "base": [], "dev": ["-c", "requirements/base.txt"]}


def steps() -> list[Step]:
    """One step for each kind of lock file."""
    return [
        Step("锁定 Python 组件的版本", lambda: True, _compile_requirements),
        Step("锁定前端组件的版本", lambda: True, node_env.update_lock),
    ]


def _compile_requirements() -> None:
    uv, env, options = lock_tools()
    for name, constraints in _ORDER.items():
        run_logged(
            [
                uv, "pip", "compile", *options, "--upgrade", "--quiet",
                "--universal", "--python-version", "3.11",
                "--generate-hashes", "--no-emit-index-url",
                "--custom-compile-command", "python3 manage.py lock",
                *constraints,
                (REQUIREMENTS / f"{name}.in").relative_to(ROOT),
                "-o", (REQUIREMENTS / f"{name}.txt").relative_to(ROOT),
            ],
            env=env,
            failure=f"无法锁定 requirements/{name}.in。",
            advice="请检查其中的版本范围是否互相冲突。",
        )  # fmt: skip
