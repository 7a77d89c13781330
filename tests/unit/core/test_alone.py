"""One process at a time."""

import subprocess
import sys
from pathlib import Path

from crm.core.alone import alone

_HOLDS = """
import sys
from pathlib import Path
from crm.core.alone import alone
with alone(Path(sys.argv[1])) as mine:
    print(mine, flush=True)
    sys.stdin.read()
"""


def test_only_one_is_inside_and_another_follows_when_it_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "data" / "work.lock"
    command = [sys.executable, "-c", _HOLDS, str(file)]
    root = Path(__file__).resolve().parents[3]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        with alone(file) as mine:
            assert not mine
        holder.kill()
    with alone(file) as mine:
        assert mine
    with alone(file) as mine:
        assert mine
