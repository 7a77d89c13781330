"""Settings, all from the environment; the table in README.md explains each of them."""

import os
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent


def _flag(name: str, default: str) -> bool:
    return os.environ.get(name, default) not in {"0", "false", "no", ""}


def _number(name: str, default: int) -> int:
    text = os.environ.get(name, "").strip() or str(default)
    if not (text.isascii() and text.isdigit() and int(text) < 10):
        raise ValueError(f"{name} must be a number from 0 to 9, not {text!r}")
    return int(text)


def from_environment() -> dict[str, Any]:
    """Flask configuration read from the environment.

    `SECRET_KEY` is left empty when unset; the application factory refuses to serve without one
    and command-line tools make do with a random key.
    """
    data_dir = Path(os.environ.get("DATA_DIR") or ROOT / "instance").resolve()
    base_url = os.environ.get("BASE_URL", "")
    return {
        "DATA_DIR": data_dir,
        "SQLALCHEMY_DATABASE_URI": database_url(os.environ.get("DATABASE_URL"), data_dir),
        **_elasticsearch(),
        "SECRET_KEY": os.environ.get("SECRET_KEY", ""),
        "DEMO": _flag("DEMO", "1"),
        "WORKER_THREAD": _flag("CRM_WORKER_THREAD", "0"),
        "ZONE_NAME": os.environ.get("ZONE_NAME", "徐州经开区"),
        "BASE_URL": base_url,
        "SESSION_COOKIE_SECURE": base_url.startswith("https://"),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "MAX_CONTENT_LENGTH": 32 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 24 * 1024 * 1024,
        "WTF_CSRF_TIME_LIMIT": None,
        "BABEL_DEFAULT_LOCALE": "zh_CN",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "crm" / "translations"),
        "TRUSTED_PROXIES": _number("TRUSTED_PROXIES", 0),
        "RATELIMIT_STORAGE_URI": os.environ.get("RATELIMIT_STORAGE_URI", "memory://"),
        "RATELIMIT_HEADERS_ENABLED": True,
    }


def _elasticsearch() -> dict[str, Any]:
    """How the search server is reached; without an address the embedded engine is used."""
    replicas = os.environ.get("ELASTICSEARCH_REPLICAS")
    return {
        "ELASTICSEARCH_URL": os.environ.get("ELASTICSEARCH_URL", ""),
        "ELASTICSEARCH_API_KEY": os.environ.get("ELASTICSEARCH_API_KEY", ""),
        "ELASTICSEARCH_CA_CERTS": os.environ.get("ELASTICSEARCH_CA_CERTS", ""),
        "ELASTICSEARCH_VERIFY": _flag("ELASTICSEARCH_VERIFY", "1"),
        "ELASTICSEARCH_SHARDS": int(os.environ.get("ELASTICSEARCH_SHARDS") or 1),
        "ELASTICSEARCH_REPLICAS": int(replicas) if replicas else None,
        "ELASTICSEARCH_TIMEOUT": float(os.environ.get("ELASTICSEARCH_TIMEOUT") or 5),
        "ELASTICSEARCH_INDEX": os.environ.get("ELASTICSEARCH_INDEX") or "crm",
    }


def database_url(url: str | None, data_dir: Path) -> str:
    """The SQLAlchemy address; PostgreSQL is always spoken through psycopg 3."""
    if not url:
        return f"sqlite:///{data_dir / 'crm.sqlite3'}"
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url[len(prefix) :]
    return url
