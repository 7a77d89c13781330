"""Where things lie in a checkout."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
SETUP = ROOT / ".setup"
LOG = SETUP / "setup.log"
REQUIREMENTS = ROOT / "requirements"
NODE_MODULES = ROOT / "node_modules"
ASSETS = ROOT / "static" / "dist"
TRANSLATIONS = ROOT / "crm" / "translations"

WINDOWS = os.name == "nt"
VENV_BIN = VENV / ("Scripts" if WINDOWS else "bin")
VENV_PYTHON = VENV_BIN / ("python.exe" if WINDOWS else "python")
UV = VENV_BIN / ("uv.exe" if WINDOWS else "uv")


def in_ci() -> bool:
    """Whether this is the integration server, where a missing service is a failure."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def is_debian_root() -> bool:
    """Whether `apt-get install` works here without asking anyone."""
    return sys.platform == "linux" and os.geteuid() == 0 and Path("/etc/debian_version").exists()
