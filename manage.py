#!/usr/bin/env python3
"""Set up, run and test the product; the standard library is all it needs.

This file stays readable to old Pythons, so that they can be told to step aside.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "本项目需要 Python 3.11 或更高版本，当前是 %d.%d。"
        "请安装新版 Python，再用它运行，例如：python3.11 manage.py run"
        % (sys.version_info[0], sys.version_info[1])
    )

from tooling.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
