"""Timing shared by the benchmarks: medians of interleaved calls, and a fixed loop to compare by."""

import statistics
import time
from collections.abc import Callable, Mapping

LOOP = "reference loop"


def reference_loop() -> float:
    """Milliseconds for one million turns of a plain Python loop: the machine's speed today."""
    started = time.perf_counter()
    total = 0
    for number in range(1_000_000):
        total += number % 7
    assert total == 2_999_997
    return (time.perf_counter() - started) * 1000


def median_ms(
    calls: Mapping[str, Callable[[int], object]], rounds: int, pause: Callable[[], None]
) -> dict[str, list[float]]:
    """Milliseconds of each call per round, the calls taken in turn so that drift hits all alike.

    `pause` is called after each, outside the time. The reference loop is one of the calls.
    """
    calls = {**calls, LOOP: lambda _turn: reference_loop()}
    for call in calls.values():
        call(0)
        call(1)
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(rounds):
        for name, call in calls.items():
            started = time.perf_counter()
            call(turn + 2)
            taken[name].append((time.perf_counter() - started) * 1000)
            pause()
    return taken


def report(
    taken: Mapping[str, list[float]], wanted: Mapping[str, float], peer: Mapping[str, float]
) -> None:
    """Print median and p95 beside the wanted figure, the peer's figure and the loop's time."""
    loop = statistics.median(taken[LOOP])
    print(f"reference loop in between (1,000,000 turns of plain Python): {loop:.1f} ms")
    print(f"{'':34}{'median':>9}{'p95':>9}{'wanted':>9}{'/ loop':>9}{'/ peer*':>9}")
    for name, times in taken.items():
        if name == LOOP:
            continue
        median = statistics.median(times)
        p95 = sorted(times)[int(len(times) * 0.95)]
        print(
            f"{name:34}{median:9.1f}{p95:9.1f}{wanted.get(name, float('nan')):9.0f}"
            f"{median / loop:9.2f}{median / peer.get(name, float('nan')):9.2f}"
        )
    print("* against the figures given for a well-known open-source CRM on another day, in ms")
