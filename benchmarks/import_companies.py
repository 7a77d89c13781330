"""`flask data import companies` with 5,000 rows, as a person runs it: start-up included.

Prints seconds for CSV and Excel, a trial, a second import in which nothing changes, and the parts
that are no import: start-up, and building the search index afterwards. Beside each stands the time
in turns of the fixed loop of plain Python, so that runs on different machines can be compared.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.timing import reference_loop  # noqa: E402 - found on the path set above
from crm.exchange.sheets import COMPANIES  # noqa: E402
from crm.exchange.writing import open_sink  # noqa: E402

SYLLABLES = "恒瑞华东启明远航星光海川云岭铁牛格林汉森莱茵锐拓蓝芯北辰东岳金穗龙腾天工巨力"
TRADES = ["液压", "精工", "传动", "电控", "轴承", "铸造", "新材料", "半导体", "光伏", "储能"]
HONOURS = ["", "little_giant:国家:2025", "high_tech;listed::2020", "unicorn", "china_500::2026"]
NODES = ["", "cm.hyd", "bat.hc;bat.cell", "semi.sub", "pv.hot"]
WANTED = 4.0
PEER = 27.0


def write_companies(path: Path, count: int, seed: int = 7) -> None:
    """A file of plainly made-up companies, a tenth of them with a parent further down."""
    rng = random.Random(seed)
    with open_sink(path) as sink:
        sink.write(column.name for column in COMPANIES.columns)
        for number in range(count):
            name = f"示例{''.join(rng.sample(SYLLABLES, 2))}{rng.choice(TRADES)}{number}"
            parent = f"C{min(number + 3, count - 1)}" if number % 10 == 1 else ""
            sink.write(
                [f"C{number}", f"{name}有限公司", name, f"Sample {number} Co.;{name}厂", "", "中国",
                 "江苏 徐州", parent, rng.choice(HONOURS), number % 2, 0, rng.choice(NODES),
                 "液压泵、液压马达", "一家示例企业。" * 6]
            )  # fmt: skip


def seconds(folder: Path, *words: str) -> tuple[float, str]:
    """Run a command of the product in its own folder; how long it took and its last line."""
    environment = {**os.environ, "DATA_DIR": str(folder), "SECRET_KEY": "benchmark"}
    environment.pop("DATABASE_URL", None)
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "flask", *words],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return time.perf_counter() - started, (done.stdout.strip().splitlines() or [""])[-1]


def measure(count: int, rounds: int) -> dict[str, list[float]]:
    """Seconds of each step, a fresh database for each round."""
    taken: dict[str, list[float]] = {}
    for _round in range(rounds):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            for ending in (".csv", ".xlsx"):
                write_companies(folder / f"companies{ending}", count)
            csv, excel = (str(folder / f"companies{ending}") for ending in (".csv", ".xlsx"))
            for name in ("first", "second"):
                seconds(folder / name, "db", "upgrade")
            first, second = folder / "first", folder / "second"
            steps = {
                "start-up alone": (first, "data", "columns", "companies"),
                "trial": (first, "data", "import", "companies", csv, "--dry-run"),
                "import CSV": (first, "data", "import", "companies", csv),
                "again, nothing changes": (first, "data", "import", "companies", csv, "--update"),
                "index afterwards": (first, "search", "drain"),
                "import Excel": (second, "data", "import", "companies", excel),
            }
            for step, (where, *words) in steps.items():
                time_taken, last = seconds(where, *words)
                taken.setdefault(step, []).append(time_taken)
                if step.startswith("import"):
                    assert json.loads(last)["created"] == count, last
    return taken


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    taken = measure(options.rows, options.rounds)
    loop = statistics.median(reference_loop() for _ in range(5)) / 1000
    print(f"{options.rows:,} companies; reference loop {loop * 1000:.1f} ms")
    print(f"{'':26}{'seconds':>9}{'wanted':>9}{'/ loop':>9}{'/ peer*':>9}")
    for step, times in taken.items():
        median = statistics.median(times)
        goal = f"{WANTED:9.1f}{median / loop:9.0f}{median / PEER:9.2f}"
        print(f"{step:26}{median:9.2f}{goal if step.startswith('import') else ''}")
    print("* against 27 s of a well-known open-source CRM on another day")


if __name__ == "__main__":
    main()
