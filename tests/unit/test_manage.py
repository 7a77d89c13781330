"""The parts of manage.py that decide something without installing anything."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tooling import browser, cli, node_env, package_index, server, stamps
from tooling.console import SetupError, Step, elapsed, run_logged, run_steps
from tooling.layout import ROOT, in_ci
from tooling.locking import locked


def test_pip_settings_are_read_in_pips_own_order() -> None:
    settings = package_index.parse_pip_config(
        [
            ":env:.cert='/etc/own.pem'",
            "global.cert='/etc/ca.pem'",
            "global.index-url='https://packages.example/simple'",
            "install.find-links='/wheels'",
            "freeze.timeout='9'",
            "nonsense",
        ]
    )
    assert settings == {
        "cert": "/etc/own.pem",
        "index-url": "https://packages.example/simple",
        "find-links": "/wheels",
    }


def test_uv_gets_what_pip_was_told() -> None:
    settings = {
        "index-url": "https://packages.example/simple",
        "extra-index-url": "\nhttps://a.example\nhttps://b.example",
        "find-links": "/wheels /more",
        "trusted-host": "packages.example",
        "cert": "/etc/ca.pem",
        "proxy": "http://proxy.example:3128",
        "default-timeout": "180",
    }
    env = package_index.uv_environment(settings, {"PATH": "/bin"})
    assert env["UV_DEFAULT_INDEX"] == "https://packages.example/simple"
    assert env["UV_INDEX"] == "https://a.example https://b.example"
    assert env["UV_INDEX_STRATEGY"] == "unsafe-best-match"
    assert env["UV_FIND_LINKS"] == "/wheels,/more"
    assert env["UV_INSECURE_HOST"] == "packages.example"
    assert env["SSL_CERT_FILE"] == "/etc/ca.pem"
    assert env["ALL_PROXY"] == "http://proxy.example:3128"
    assert env["UV_HTTP_TIMEOUT"] == "180"
    assert env["PATH"] == "/bin"


def test_uv_keeps_what_was_set_for_itself() -> None:
    own = {"UV_DEFAULT_INDEX": "https://own.example", "SSL_CERT_FILE": "/own.pem"}
    env = package_index.uv_environment({"index-url": "https://pip.example", "cert": "/ca"}, own)
    assert env["UV_DEFAULT_INDEX"] == "https://own.example"
    assert env["SSL_CERT_FILE"] == "/own.pem"


def test_uv_without_settings_invents_none() -> None:
    env = package_index.uv_environment({}, {"REQUESTS_CA_BUNDLE": "/bundle.pem"})
    assert env["SSL_CERT_FILE"] == "/bundle.pem"
    assert not {"UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS", "ALL_PROXY"} & env.keys()


@pytest.mark.parametrize(("value", "options"), [("true", ["--no-index"]), ("0", []), ("", [])])
def test_no_index_becomes_an_option(value: str, options: list[str]) -> None:
    assert package_index.uv_options({"no-index": value}) == options


@pytest.mark.parametrize(("printed", "major"), [("v20.11.1\n", 20), ("v8.0.0", 8), ("", 0)])
def test_node_versions(printed: str, major: int) -> None:
    assert node_env.major_version(printed) == major


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.0 秒"), (9.96, "10.0 秒"), (23.4, "23 秒"), (125, "2 分 05 秒")]
)
def test_durations(seconds: float, text: str) -> None:
    assert elapsed(seconds) == text


def test_a_digest_changes_with_content_names_and_order(tmp_path: Path) -> None:
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / "a.css").write_text("a")
    before = stamps.digest(folder)
    assert stamps.digest(folder) == before
    (folder / "a.css").rename(folder / "b.css")
    renamed = stamps.digest(folder)
    (folder / "b.css").write_text("b")
    assert len({before, renamed, stamps.digest(folder), stamps.digest("a"), stamps.digest()}) == 5


def test_a_stamp_is_fresh_only_for_its_value(tmp_path: Path) -> None:
    stamp = tmp_path / "inside" / "stamp"
    assert not stamps.is_fresh(stamp, "1")
    stamps.write(stamp, "1")
    assert stamps.is_fresh(stamp, "1")
    assert not stamps.is_fresh(stamp, "2")


def test_only_due_steps_run_and_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    done = []
    run_steps(
        [
            Step("甲", lambda: True, lambda: done.append("甲")),
            Step("乙", lambda: False, lambda: done.append("乙")),
            Step("丙", lambda: True, lambda: done.append("丙")),
        ]
    )
    assert done == ["甲", "丙"]
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" … ")[0] for line in lines] == ["[1/2] 甲", "[2/2] 丙"]


def test_a_failed_step_says_so_and_stops(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise SetupError("没有网络。", "请检查网络。")

    with pytest.raises(SetupError):
        run_steps([Step("甲", lambda: True, fail), Step("乙", lambda: True, lambda: None)])
    assert capsys.readouterr().out == "[1/2] 甲 … 未完成\n"


def test_a_failed_command_shows_its_last_lines_and_keeps_the_log(tmp_path: Path) -> None:
    log = tmp_path / "setup.log"
    program = "import sys; print('\\n'.join(map(str, range(99)))); sys.exit('no network')"
    with pytest.raises(SetupError) as caught:
        run_logged([sys.executable, "-c", program], failure="失败。", advice="重试。", log=log)
    assert str(caught.value).startswith("失败。\n")
    assert "    98" in str(caught.value)
    assert "no network" in str(caught.value)
    assert "    50" not in str(caught.value)
    assert str(log) in caught.value.advice
    assert "50" in log.read_text(encoding="utf-8")


def test_a_missing_program_is_a_failed_command(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="失败"):
        run_logged(
            [tmp_path / "no-such"], failure="失败。", advice="重试。", log=tmp_path / "setup.log"
        )


def test_what_a_command_prints_comes_back_without_its_warnings(tmp_path: Path) -> None:
    program = "import sys; print('示例'); print('warning', file=sys.stderr)"
    printed = run_logged(
        [sys.executable, "-X", "utf8", "-c", program], failure="", advice="", log=tmp_path / "log"
    )
    assert printed.strip() == "示例"


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", "5000.5"])
def test_a_bad_port_is_refused(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("PORT", port)
    with pytest.raises(SetupError, match="PORT"):
        server.chosen_port()


def test_the_port_is_5000_when_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORT", raising=False)
    assert server.chosen_port() == 5000


def test_a_port_in_use_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SetupError, match=str(port)):
            server.check_port_is_free("127.0.0.1", port)
    server.check_port_is_free("127.0.0.1", port)


def test_the_secret_key_is_made_once_for_its_owner_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    key = server.secret_key(tmp_path / "data")
    assert len(key) == 64
    assert server.secret_key(tmp_path / "data") == key
    if os.name != "nt":
        assert stat.S_IMODE((tmp_path / "data" / "secret_key").stat().st_mode) == 0o600
    monkeypatch.setenv("SECRET_KEY", "given")
    assert server.secret_key(tmp_path / "data") == "given"


def test_an_unusable_data_folder_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match="数据目录"):
        server.secret_key(tmp_path / "file" / "data")


def test_serve_refuses_to_start_without_a_secret_key(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    assert cli.main(["serve"]) == 1
    assert "SECRET_KEY" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code"), [([], 2), (["walk"], 2), (["run", "x"], 2), (["-h"], 0)]
)
def test_unknown_commands_explain_themselves(words: list[str], code: int) -> None:
    assert cli.main(words) == code


def test_an_old_python_is_told_what_to_do() -> None:
    source = (ROOT / "manage.py").read_text(encoding="utf-8")
    pretend = "import sys; sys.version_info = (3, 9, 2)\n"
    finished = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", pretend + source],
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert finished.returncode == 1
    assert "需要 Python 3.11" in finished.stderr
    assert "3.9" in finished.stderr


def test_it_runs_from_any_folder(tmp_path: Path) -> None:
    finished = subprocess.run(
        [sys.executable, ROOT / "manage.py", "help"],
        cwd=tmp_path, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert finished.returncode == 0
    assert "manage.py" in finished.stdout


@pytest.mark.parametrize(
    ("value", "answer"), [("true", True), ("1", True), ("", False), ("0", False)]
)
def test_ci_is_recognised(monkeypatch: pytest.MonkeyPatch, value: str, answer: bool) -> None:
    monkeypatch.setenv("CI", value)
    assert in_ci() is answer


def test_the_named_browser_goes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "my-browser"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("CHROMIUM", str(program))
    assert browser.find_chromium() == str(program)
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "gone"))
    assert browser.find_chromium() is None


def test_a_lock_is_free_again_when_its_holder_ends(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from tooling.locking import locked\n"
        "with locked(Path(sys.argv[2])):\n"
        "    print('held', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, ROOT, path],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        process.kill()
        with locked(path):
            assert process.wait(10) is not None
