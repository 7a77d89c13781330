"""Settings of the web server for `python3 manage.py run` and `serve`."""

import os
import shutil
import tempfile

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '5000')}"

# Pages wait for the database and the search engine, not for the processor: threads. A few
# processes beside them use the cores; WEB_CONCURRENCY names another number.
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or min(4, (os.cpu_count() or 1) + 1))
threads = 16
keepalive = 5
timeout = 60
graceful_timeout = 20
# A long question in Chinese is an address of some kilobytes; the page says itself what is too long.
limit_request_line = 8190

# Nobody steers it while it runs, and two servers of one person would share the one address.
control_socket_disable = True


# The processes add up their figures of requests through files here; see crm/api/metrics.py.
FIGURES = "PROMETHEUS_MULTIPROC_DIR"
_made: list[str] = []


def child_exit(_server: object, worker: object) -> None:
    """Forget what a worker process that ended said of itself; its counts stay."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(getattr(worker, "pid", 0))


def on_exit(_server: object) -> None:
    """Leave no files behind."""
    for folder in _made:
        shutil.rmtree(folder, ignore_errors=True)


def when_ready(_server: object) -> None:
    """Show the address only once it answers; the processes are made after this."""
    if FIGURES not in os.environ:
        _made.append(tempfile.mkdtemp(prefix="crm-metrics-"))
        os.environ[FIGURES] = _made[0]
    banner = os.environ.get("CRM_BANNER")
    if banner:
        print(banner, flush=True)
