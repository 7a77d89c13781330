"""The way to the server: its settings, what its errors mean, and not waiting for one that is away."""

import logging
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from elastic_transport import HttpHeaders, SecurityWarning, TransportError, Urllib3HttpNode
from elastic_transport.client_utils import DEFAULT, DefaultType
from elasticsearch import ApiError, Elasticsearch, UnsupportedProductError
from urllib3 import Timeout

from search.errors import EngineUnavailable

log = logging.getLogger(__name__)

T = TypeVar("T")

CONNECT_SECONDS = 1.0
"""A server that does not even take a connection in this time is away."""

PROBE_SECONDS = 0.5
"""How often a server that is away is looked for, and how long one look may take at most twice."""

_AWAY = frozenset({502, 503, 504})
_REFUSING = frozenset({401, 403, 408, 429, 500})


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the server is and how to talk to it.

    `url` may name several nodes with commas between. `timeout` is in seconds. Without `replicas`
    the server keeps one copy where it has a second node. `index` begins the names of all indices.
    """

    url: str
    api_key: str | None = None
    ca_certs: str | None = None
    verify: bool = True
    shards: int = 1
    replicas: int | None = None
    timeout: float = 5.0
    index: str = "crm"


class _Node(Urllib3HttpNode):
    """Waits for a connection much shorter than for an answer."""

    def perform_request(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: HttpHeaders | None = None,
        request_timeout: DefaultType | float | None = DEFAULT,
    ) -> Any:
        """As the base does it; what it gives to urllib3 may be two limits as well as one."""
        seconds = request_timeout if isinstance(request_timeout, int | float) else None
        limit = CONNECT_SECONDS if seconds is None else min(CONNECT_SECONDS, seconds)
        wait: Any = Timeout(connect=limit, read=seconds)
        return super().perform_request(method, target, body, headers, wait)


def _client(settings: ServerSettings) -> Elasticsearch:
    hosts = [part.strip() for part in settings.url.split(",") if part.strip()]
    tls: dict[str, object] = {}
    if any(host.startswith("https:") for host in hosts):
        tls = {"verify_certs": settings.verify, "ssl_show_warn": False}
        if settings.ca_certs:
            tls["ca_certs"] = settings.ca_certs
    with warnings.catch_warnings():
        # Who switches the check off by a setting has been told in the README.
        warnings.simplefilter("ignore", SecurityWarning)
        return Elasticsearch(
            hosts,
            api_key=settings.api_key or None,
            request_timeout=settings.timeout,
            node_class=_Node,
            max_retries=len(hosts) - 1,
            retry_on_status=(),
            max_dead_node_backoff=1.0,
            connections_per_node=32,
            **tls,  # type: ignore[arg-type]
        )


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turns what a server says that is away, full, busy or closed to us into EngineUnavailable.

    What it says of a request itself (400, 404, 409) passes.
    """
    try:
        yield
    except TransportError as error:
        raise EngineUnavailable(f"{type(error).__name__}: {error.message}") from error
    except UnsupportedProductError as error:
        raise EngineUnavailable(str(error)) from error
    except ApiError as error:
        if error.status_code in _AWAY | _REFUSING:
            raise EngineUnavailable(f"{error.status_code}: {error.message}") from error
        raise


class Connection:
    """One server for the threads of a process; made anew in a forked one.

    After a failure every request is refused at once, and a thread of its own looks whether the
    server is back, so that nobody else ever waits for it.
    """

    def __init__(
        self, settings: ServerSettings, *, probe: Callable[[Elasticsearch], object]
    ) -> None:
        """`probe` asks the server for something that only works when it can be used."""
        self.settings = settings
        self._probe = probe
        self._lock = threading.Lock()
        self._process = 0
        self._client: Elasticsearch | None = None
        self._away: str | None = None
        self._closed = threading.Event()

    def client(self) -> Elasticsearch:
        """This process's client, whatever the state of the server."""
        if self._client is None or self._process != os.getpid():
            with self._lock:
                if self._client is None or self._process != os.getpid():
                    # Sockets of the parent process must not be shared with it.
                    self._client = _client(self.settings)
                    self._process = os.getpid()
                    self._away = None
                    self._closed = threading.Event()
        return self._client

    def call(self, work: Callable[[Elasticsearch], T], *, timeout: float | None = None) -> T:
        """What `work` answers; `timeout` in seconds is that of each of its requests.

        Raises EngineUnavailable, at once where the server is known to be away.
        """
        client = self.client()
        if self._away is not None:
            raise EngineUnavailable(self._away)
        limit = self.settings.timeout if timeout is None else timeout
        try:
            with translated_errors():
                return work(client.options(request_timeout=limit))
        except EngineUnavailable as error:
            if _is_away(error.__cause__):
                self._look_for_it(str(error))
            raise

    def _look_for_it(self, reason: str) -> None:
        with self._lock:
            if self._away is not None or self._closed.is_set():
                return
            self._away = reason
        log.warning("the search server is away: %s", reason)
        threading.Thread(
            target=self._wait_for_return, args=(self._closed,), name="search-probe", daemon=True
        ).start()

    def _wait_for_return(self, closed: threading.Event) -> None:
        # The first look is at once: one slow answer does not make a server that is away.
        while not closed.is_set() and not self._answers():
            closed.wait(PROBE_SECONDS)
        self._away = None
        log.info("the search server is back")

    def _answers(self) -> bool:
        try:
            with translated_errors():
                self._probe(self.client().options(request_timeout=PROBE_SECONDS * 2))
        except EngineUnavailable as error:
            self._away = str(error)
            return False
        except ApiError:
            # Nothing is there yet, and it is the server that says so.
            return True
        return True

    def close(self) -> None:
        """Close the sockets and stop looking."""
        self._closed.set()
        if self._client is not None and self._process == os.getpid():
            self._client.close()
        self._client = None


def _is_away(cause: BaseException | None) -> bool:
    """Whether an error is one of the server as a whole: then nothing else is worth trying."""
    if isinstance(cause, ApiError):
        return cause.status_code in _AWAY
    return isinstance(cause, TransportError)
