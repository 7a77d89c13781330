"""An Elasticsearch for tests: one shared by a run, and nodes of a test's own to be maltreated."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support import databases, services
from tooling import elasticsearch
from tooling.console import SetupError
from tooling.locking import locked

GIVEN: Mapping[str, str] = {
    name: value for name, value in os.environ.items() if name.startswith("ELASTICSEARCH_") and value
}
"""What the person who runs the tests has set: another server to run them against."""

_NOTE = "elasticsearch.json"
_PREFIX = "crm-es-"


class Node:
    """A server on a port of its own with its data in `folder`; it never outlives `owner`."""

    def __init__(self, folder: Path, *, owner: int | None = None) -> None:
        self.folder = folder
        self._owner = owner or os.getpid()
        self._port = elasticsearch.free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address; the same after every start."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """The process of the running server."""
        assert self._process is not None, "the node was not started"
        return self._process.pid

    def start(self) -> None:
        """Start it, again after `kill` with the same data, and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        log = self.folder / "server.log"
        settings = [f"http.port={self._port}", "transport.port=0", f"path.data={self.folder}/data"]
        options = ["-XX:TieredStopAtLevel=1", f"-Downer={self._owner}"]
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                elasticsearch.command(settings, java_options=options),
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        if not elasticsearch.wait_for(self.url, self._process):
            self.kill()
            text = log.read_text(encoding="utf-8", errors="replace")
            raise AssertionError(f"Elasticsearch did not start:\n{text[-4000:]}")

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)

    @property
    def is_running(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.poll() is None

    def forget(self) -> None:
        """Remove its data; it must not run."""
        shutil.rmtree(self.folder / "data", ignore_errors=True)

    def let_go(self) -> None:
        """Leave it running when this process ends; who ends it knows its pid."""
        assert self._process is not None, "the node was not started"
        # Else Python takes it for forgotten, and says so.
        self._process.returncode = 0

    def freeze(self) -> None:
        """Let it hang: connections are taken and never answered."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)


def require_built() -> None:
    """End the test where no server can be started here."""
    if elasticsearch.is_built():
        return
    try:
        elasticsearch.find_jdk()
        reason = "python3 manage.py test puts it together"
    except SetupError as error:
        reason = str(error)
    if GIVEN.get("ELASTICSEARCH_URL"):
        pytest.skip(f"a node of the test's own cannot be started: {reason}")
    services.missing("Elasticsearch", reason)


def shared_settings(shared: Path) -> Mapping[str, str]:
    """The settings of the server that all tests use: the given one, else one started on demand."""
    if GIVEN.get("ELASTICSEARCH_URL"):
        return GIVEN
    with locked(shared / "elasticsearch.lock"):
        note = shared / _NOTE
        if not note.exists():
            require_built()
            # Workers come and go; the run ends with the process that started them.
            owner = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
            place = databases.fastest_place() or Path(tempfile.gettempdir())
            _clear_away(place)
            folder = tempfile.mkdtemp(prefix=f"{_PREFIX}{owner}-", dir=place)
            node = Node(Path(folder), owner=owner)
            began = time.monotonic()
            node.start()
            node.let_go()
            seconds = round(time.monotonic() - began, 1)
            facts = {"pid": node.pid, "url": node.url, "folder": folder, "seconds": seconds}
            note.write_text(json.dumps(facts), encoding="utf-8")
        url: str = json.loads(note.read_text(encoding="utf-8"))["url"]
    return {"ELASTICSEARCH_URL": url}


def _clear_away(place: Path) -> None:
    """Remove what runs that were killed have left."""
    for folder in place.glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).split("-")[0]
        if owner.isdecimal():
            try:
                os.kill(int(owner), 0)
            except ProcessLookupError:
                shutil.rmtree(folder, ignore_errors=True)
            except OSError:
                continue


def end_shared(shared: Path) -> None:
    """End the server of this run and remove its data, if one was started."""
    note = shared / _NOTE
    if not note.exists():
        return
    facts = json.loads(note.read_text(encoding="utf-8"))
    note.unlink()
    with suppress(ProcessLookupError):
        os.kill(facts["pid"], signal.SIGKILL)
    shutil.rmtree(facts["folder"], ignore_errors=True)
