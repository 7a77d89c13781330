"""Hand what is configured for pip (index, certificate, proxy) on to uv; nothing is written down."""

import ast
from collections.abc import Iterable, Mapping

# pip's setting → uv's variable. A list separated by blanks in pip is separated by `joint` in uv.
_SIMPLE = {
    "index-url": "UV_DEFAULT_INDEX",
    "cert": "SSL_CERT_FILE",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "proxy": "ALL_PROXY",
}
_LISTS = {
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "trusted-host": ("UV_INSECURE_HOST", " "),
}
# Later sections win: pip's own order, with the environment above every file.
_SECTIONS = ("global", "install", ":env:")


def parse_pip_config(lines: Iterable[str]) -> dict[str, str]:
    """Settings out of `pip config list`, for example `global.cert='/etc/cert.pem'`."""
    found: dict[str, dict[str, str]] = {section: {} for section in _SECTIONS}
    for line in lines:
        name, separator, value = line.strip().partition("=")
        section, dot, key = name.partition(".")
        if not separator or not dot or section not in found:
            continue
        try:
            found[section][key] = str(ast.literal_eval(value))
        except (ValueError, SyntaxError):
            continue
    return {key: value for section in _SECTIONS for key, value in found[section].items()}


def uv_environment(pip_settings: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for uv; what the person has set for uv itself is kept."""
    env = dict(environ)
    env["UV_PYTHON_DOWNLOADS"] = "never"
    env["UV_NO_PROGRESS"] = "1"
    # Compile once while installing: otherwise the first start pays, and every start does where
    # Python is told not to write byte code.
    env["UV_COMPILE_BYTECODE"] = "1"
    for key, variable in _SIMPLE.items():
        if pip_settings.get(key):
            env.setdefault(variable, pip_settings[key])
    for key, (variable, joint) in _LISTS.items():
        values = pip_settings.get(key, "").split()
        if values:
            env.setdefault(variable, joint.join(values))
    if "SSL_CERT_FILE" not in env:
        bundle = env.get("REQUESTS_CA_BUNDLE") or env.get("CURL_CA_BUNDLE")
        if bundle:
            env["SSL_CERT_FILE"] = bundle
    if "UV_INDEX" in env:
        # pip looks at every index; the hashes of the lock files say what may come from them.
        env.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    return env


def uv_options(pip_settings: Mapping[str, str]) -> list[str]:
    """Settings that uv knows only as command-line options."""
    offline = pip_settings.get("no-index", "").lower() in {"1", "true", "yes", "on"}
    return ["--no-index"] if offline else []
