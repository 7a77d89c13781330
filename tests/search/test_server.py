"""The Elasticsearch of the tests: the server answers, and its process is the run's own."""

import json
import urllib.request

import pytest

from tooling import elasticsearch
from tooling.console import SetupError

pytestmark = pytest.mark.es


def test_the_server_of_the_run_answers(elasticsearch_settings):
    with urllib.request.urlopen(elasticsearch_settings["ELASTICSEARCH_URL"], timeout=10) as answer:
        facts = json.load(answer)
    assert facts["version"]["number"].startswith("9.")


@pytest.mark.parametrize(
    ("release", "major"),
    [
        ('JAVA_VERSION="25.0.1"\nOS_NAME="Linux"', 25),
        ('IMPLEMENTOR="x"\nJAVA_VERSION="21"', 21),
        ('JAVA_VERSION="17.0.2"', 17),
        ('JAVA_VERSION="1.8.0_392"', 8),
        ("", 0),
    ],
)
def test_the_version_of_a_jdk_is_read(release, major):
    assert elasticsearch.java_version(release) == major


def jdk(folder, version):
    (folder / "bin").mkdir(parents=True)
    for name in ("javac", "javac.exe"):
        (folder / "bin" / name).touch()
    (folder / "release").write_text(f'JAVA_VERSION="{version}"', encoding="utf-8")
    return folder


def test_the_named_jdk_is_taken_and_no_other(tmp_path, monkeypatch):
    monkeypatch.setenv("ES_JAVA_HOME", str(jdk(tmp_path / "new", 23)))
    assert elasticsearch.find_jdk() == tmp_path / "new"
    monkeypatch.setenv("ES_JAVA_HOME", str(jdk(tmp_path / "old", 17)))
    with pytest.raises(SetupError, match=r"JDK 21 .*old（17）") as error:
        elasticsearch.find_jdk()
    assert "ES_JAVA_HOME" in error.value.advice


def test_an_old_java_home_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.delenv("ES_JAVA_HOME", raising=False)
    monkeypatch.setenv("JAVA_HOME", str(jdk(tmp_path / "old", 11)))
    new = jdk(tmp_path / "new", 24)
    monkeypatch.setattr(elasticsearch.shutil, "which", lambda name: str(new / "bin" / name))
    assert elasticsearch.find_jdk() == new


def test_without_any_jdk_it_says_what_is_needed(tmp_path, monkeypatch):
    monkeypatch.delenv("ES_JAVA_HOME", raising=False)
    monkeypatch.setattr(elasticsearch, "_jdk_places", lambda: iter([tmp_path]))
    with pytest.raises(SetupError, match="不是 JDK"):
        elasticsearch.find_jdk()
