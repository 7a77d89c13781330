"""A genuine Elasticsearch for tests and benchmarks, put together from Maven Central's jars.

`python3 -m tooling.elasticsearch http.port=9200 path.data=/some/folder` starts one in the foreground.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tooling import stamps
from tooling.console import SetupError, Step, run_logged
from tooling.layout import ROOT, WINDOWS, in_ci, is_debian_root
from tooling.python_env import apt_install

MINIMUM = 21
HERE = ROOT / "tests" / "elasticsearch"
HOME = HERE / "home"
START_SECONDS = 90

_STAMP = HOME / ".crm-stamp"
_ARCHIVE = HOME / "classes.jsa"
_INPUTS = ("pom.xml", "config", "java")
_ADVICE = (
    f"请安装 JDK {MINIMUM} 或更高版本与 Maven；JDK 不在常见位置时用 ES_JAVA_HOME 指出它的目录。"
)
_NATIVE = (
    "ALL-UNNAMED,org.elasticsearch.nativeaccess,org.elasticsearch.foreign,org.apache.lucene.core"
)
_FLAGS = (
    "-XX:+UseG1GC",
    "--add-modules=ALL-MODULE-PATH,jdk.incubator.vector",
    f"--enable-native-access={_NATIVE}",
    "-Dfile.encoding=UTF-8",
    "-Djava.awt.headless=true",
    "-Dio.netty.noUnsafe=true",
    "-Dio.netty.noKeySetOptimization=true",
    "-Dio.netty.recycler.maxCapacityPerThread=0",
    "-Dlog4j2.disable.jmx=true",
    "-Dlog4j2.formatMsgNoLookups=true",
    "-Dlog4j.shutdownHookEnabled=false",
    "-Des.distribution.type=tar",
)


def java_version(release: str) -> int:
    """The major version named in a JDK's `release` file; 0 where there is none."""
    match = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', release, re.MULTILINE)
    return int(match.group(1)) if match else 0


def find_jdk() -> Path:
    """$ES_JAVA_HOME and no other where it is set; else $JAVA_HOME, the path's, or an installed one.

    Raises SetupError that says which ones were looked at.
    """
    named = os.environ.get("ES_JAVA_HOME")
    places = [Path(named)] if named else list(dict.fromkeys(_jdk_places()))
    looked_at: list[str] = []
    for place in places:
        version = _version_of(place)
        if version >= MINIMUM:
            return place
        looked_at.append(f"{place}（{version or '不是 JDK'}）")
    seen = "、".join(looked_at) or "没有找到任何 JDK"
    raise SetupError(f"测试用的 Elasticsearch 需要 JDK {MINIMUM} 或更高版本：{seen}。", _ADVICE)


def _jdk_places() -> Iterator[Path]:
    if named := os.environ.get("JAVA_HOME"):
        yield Path(named)
    if compiler := shutil.which("javac"):
        yield Path(compiler).resolve().parent.parent
    installed = [
        *Path("/usr/lib/jvm").glob("*"),
        *Path("/usr/java").glob("*"),
        *Path("/opt").glob("*j*dk*"),
        *Path("/Library/Java/JavaVirtualMachines").glob("*/Contents/Home"),
        *Path.home().glob(".sdkman/candidates/java/*"),
        *Path(os.environ.get("PROGRAMFILES", "/nowhere")).glob("*/*jdk*"),
    ]
    yield from sorted({path.resolve() for path in installed if path.is_dir()}, key=_version_of)


def _version_of(home: Path) -> int:
    """The major version of a JDK with a compiler; 0 for anything else."""
    if not (home / "bin" / ("javac.exe" if WINDOWS else "javac")).exists():
        return 0
    try:
        return java_version((home / "release").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return 0


def is_built() -> bool:
    """Whether the server lies there, made of the present inputs by a JDK that is still there."""
    return stamps.is_fresh(_STAMP, _wanted(_built_by()))


def _built_by() -> str:
    """The folder of the JDK that the server was made with; it is started with the same one."""
    try:
        jdk = (HOME / "jdk").read_text(encoding="utf-8")
    except OSError:
        return ""
    return jdk if _version_of(Path(jdk)) >= MINIMUM else ""


def _wanted(jdk: str) -> str:
    return stamps.digest(jdk or "none", *(HERE / name for name in _INPUTS))


def step() -> Step:
    """Have the server; a person's machine may do without, and so may one with another server."""

    def provide() -> None:
        try:
            build()
        except SetupError:
            if in_ci() and not os.environ.get("ELASTICSEARCH_URL"):
                raise

    return Step("准备测试用的 Elasticsearch", lambda: not is_built(), provide)


def build() -> None:
    """Resolve the jars, compile, start once: the classes it loads are kept for quick starts.

    Raises SetupError.
    """
    jdk = find_jdk()
    if shutil.which("mvn") is None and is_debian_root():
        apt_install("maven")
    maven = shutil.which("mvn")
    if maven is None:
        raise SetupError("测试用的 Elasticsearch 需要 Maven（mvn）。", _ADVICE)
    shutil.rmtree(HOME, ignore_errors=True)
    run_logged(
        [maven, "-B", "-q", "-f", HERE / "pom.xml", "process-resources"],
        env={**os.environ, "JAVA_HOME": str(jdk)},
        failure="Maven 未能取得 Elasticsearch 的组件。",
        advice="请检查网络，或在 Maven 的 settings.xml 中设好您的仓库，然后重新运行本命令。",
    )
    _lay_out(jdk)
    _archive_classes()
    stamps.write(_STAMP, _wanted(str(jdk)))


def _lay_out(jdk: Path) -> None:
    transport = HOME / "modules" / "transport-netty4"
    (jar,) = transport.glob("transport-netty4-*.jar")
    inside = "META-INF/es-plugins/transport-netty4/"
    with zipfile.ZipFile(jar) as packed:
        for name in packed.namelist():
            if name.startswith(inside) and not name.endswith("/"):
                (transport / Path(name).name).write_bytes(packed.read(name))
    shutil.copytree(HERE / "config", HOME / "config")
    plugin = HOME / "plugins" / "local-modules"
    plugin.mkdir(parents=True)
    (HOME / "config" / "plugin-descriptor.properties").rename(
        plugin / "plugin-descriptor.properties"
    )
    for source, target in (
        ("EsMain", HOME / "boot.jar"),
        ("LocalModulesPlugin", plugin / "local-modules.jar"),
    ):
        classes = HOME / "tmp" / source
        _jdk_tool(
            jdk, "javac", "-nowarn", "--module-path", HOME / "lib",
            "--add-modules", "ALL-MODULE-PATH", "-d", classes, HERE / "java" / f"{source}.java",
        )  # fmt: skip
        _jdk_tool(jdk, "jar", "--create", "--file", target, "-C", classes, ".")
    shutil.rmtree(HOME / "tmp")
    (HOME / "jdk").write_text(str(jdk), encoding="utf-8")


def _jdk_tool(jdk: Path, name: str, *words: str | Path) -> None:
    run_logged(
        [jdk / "bin" / name, *words], failure=f"{name} 未能完成。", advice="请查看上面的提示。"
    )


def _archive_classes() -> None:
    """Start and end it once, keeping the classes it loaded: later starts take half the time."""
    data = HOME / "trial"
    log = HOME / "trial.log"
    address = f"http://127.0.0.1:{free_port()}"
    with log.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            command(
                [f"http.port={address.rsplit(':', 1)[1]}", "transport.port=0", f"path.data={data}"],
                java_options=[f"-XX:ArchiveClassesAtExit={_ARCHIVE}"],
            ),
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
        answers = wait_for(address, process)
        process.terminate()
        process.wait(60)
    shutil.rmtree(data, ignore_errors=True)
    if not answers:
        tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise SetupError(f"测试用的 Elasticsearch 没有启动：\n{tail}", f"完整记录：{log}")


def wait_for(address: str, process: subprocess.Popen[bytes]) -> bool:
    """Whether the server of this process answers before it ends and before START_SECONDS."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own server
                return True
        except OSError:
            time.sleep(0.05)
    return False


def free_port() -> int:
    """A port of this machine on which no one listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def command(settings: Sequence[str], *, java_options: Sequence[str] = ()) -> list[str]:
    """What starts a node with these `name=value` settings; $ES_JAVA_OPTS and $ES_HEAP count."""
    jdk = _built_by() or str(find_jdk())
    heap = os.environ.get("ES_HEAP", "512m")
    temporary = HOME / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    archive = [f"-XX:SharedArchiveFile={_ARCHIVE}"] if _ARCHIVE.exists() else []
    return [
        str(Path(jdk) / "bin" / "java"),
        f"-Xms{heap}", f"-Xmx{heap}", *_FLAGS, *archive,
        *os.environ.get("ES_JAVA_OPTS", "").split(), *java_options,
        "--module-path", str(HOME / "lib"), "-cp", str(HOME / "boot.jar"),
        *(["--sun-misc-unsafe-memory-access=allow"] if _version_of(Path(jdk)) >= 23 else []),
        f"-Djava.io.tmpdir={temporary}", f"-Des.path.home={HOME}",
        "EsMain", *settings,
    ]  # fmt: skip


def main(settings: Sequence[str]) -> int:
    """Build where that is due, then run a node in the foreground."""
    try:
        if not is_built():
            build()
    except SetupError as error:
        print(f"{error}\n{error.advice}", file=sys.stderr)
        return 1
    words = command(settings)
    if not WINDOWS:
        os.execv(words[0], words)
    return subprocess.run(words, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
