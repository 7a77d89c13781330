"""The product as a running server with demo data, for tests with a browser."""

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tooling.layout import ROOT
from tooling.locking import locked
from tooling.server import LOCALHOST

START_SECONDS = 60


def demo_data(shared: Path) -> Path:
    """A data folder with migrated, filled and indexed demo data, made once per run."""
    folder = shared / "demo"
    with locked(shared / "demo.lock"):
        if not folder.exists():
            making = shared / "demo-making"
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir()
            subprocess.run(
                [sys.executable, "-m", "flask", "prepare", "--demo"],
                cwd=ROOT, env={**_environment(making), "CRM_WORKER_THREAD": "0"}, stdin=subprocess.DEVNULL, check=True,
            )  # fmt: skip
            making.rename(folder)
    return folder


@contextmanager
def serving(data_dir: Path) -> Iterator[str]:
    """Run the server on a free port of this machine; gives its address."""
    address_file = data_dir / "address"
    program = (
        "import sys; from pathlib import Path; from werkzeug.serving import make_server\n"
        "from wsgi import app\n"
        "server = make_server(sys.argv[1], 0, app, threaded=True)\n"
        "Path(sys.argv[2]).write_text(f'http://{sys.argv[1]}:{server.port}')\n"
        "server.serve_forever()\n"
    )
    log = data_dir / "server.log"
    with log.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", program, LOCALHOST, address_file],
            cwd=ROOT, env=_environment(data_dir), stdin=subprocess.DEVNULL,
            stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            yield _wait_for(process, address_file, log)
        finally:
            process.terminate()
            process.wait(10)


def _wait_for(process: subprocess.Popen[bytes], address_file: Path, log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        address = address_file.read_text(encoding="utf-8") if address_file.exists() else ""
        if address and _answers(address):
            return address
        time.sleep(0.1)
    raise AssertionError(f"the server did not start:\n{log.read_text(encoding='utf-8')[-4000:]}")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=2) as response:
            return bool(response.status == 200)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _environment(data_dir: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DATA_DIR": str(data_dir),
        "SECRET_KEY": "for-tests-only",
        "DEMO": "1",
        "CRM_WORKER_THREAD": "1",
        "PYTHONUTF8": "1",
    }
