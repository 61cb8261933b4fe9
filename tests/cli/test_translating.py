"""Translation on the command line, with an engine that writes capitals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app import translation
from app.cli.glossary import glossary
from app.cli.live import live
from app.cli.meetings import meetings
from app.cli.printing import JsonPrinter, LinePrinter, Troubles
from app.cli.translating import TranslatedRows
from app.core.errors import AppError, StorageError
from app.core.events import FinalCaption, StageChanged, StageState, Translation
from app.core.paths import default_paths
from app.session.store import SessionStore
from tests.fakes.translators import FakeEngine, FakePair


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    made = FakeEngine({("de", "en"): FakePair()})
    monkeypatch.setattr(translation, "engine_for", lambda *_: made)
    return made


@pytest.fixture
def meeting() -> str:
    with SessionStore(default_paths().meetings).create("", "mic", "base", "de") as session:
        session.record(FinalCaption(0, 0, 0.0, 1.0, "eins zwei", "de", ()))
        session.finish(2.0)
        return session.id


def run(command: Any, *arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments), catch_exceptions=True)


def error(result: Result) -> AppError:
    assert isinstance(result.exception, AppError)
    return result.exception


def told(utterance: int, text: str, *, final: bool = True) -> Translation:
    return Translation(utterance, "en", text, final)


@pytest.mark.usefixtures("engine")
def test_a_saved_meeting_is_translated_shown_and_exported(meeting: str) -> None:
    assert run(meetings, "translate", meeting, "--to", "English").output == "en: EINS ZWEI\n"
    assert "translated already" in run(meetings, "translate", meeting, "--to", "en").output
    assert "en: EINS ZWEI" in run(meetings, "show", meeting).output
    assert "EINS" in run(meetings, "export", meeting, "--format", "srt", "--text", "en").output
    assert "EINS" not in run(meetings, "export", meeting, "--format", "srt").output
    line = json.loads(run(meetings, "export", meeting).output)["lines"][0]
    assert line["translations"][0]["text"] == "EINS ZWEI"
    refused = error(run(meetings, "export", meeting, "--text", "pt"))
    assert refused.hint == "There are: en."


@pytest.mark.usefixtures("engine")
def test_a_pair_that_cannot_be_had_is_refused(meeting: str) -> None:
    assert "into pt" in str(error(run(meetings, "translate", meeting, "--to", "pt")))
    assert "not known" in str(error(run(meetings, "translate", meeting, "--to", "xx")))


@pytest.mark.usefixtures("engine")
def test_live_refuses_before_anything_is_heard(tmp_path: Path) -> None:
    sound = str(tmp_path / "missing.wav")
    common = ("--model", "base", "--language", "de", "--pace", "fast")
    assert "into pt" in str(error(run(live, sound, *common, "--translate", "pt")))
    found = run(live, sound, *common, "--glossary", "x.tsv")
    assert "need --translate" in found.output
    assert isinstance(
        run(live, sound, *common, "--translate", "en", "--glossary", "x.tsv").exception,
        StorageError,
    )


def test_the_glossary_is_a_table_that_can_be_changed(tmp_path: Path) -> None:
    run(glossary, "add", "Bank", "shore", "--language", "English")
    run(glossary, "add", "Bär", "bear")
    assert run(glossary, "list").output == "Bank\tshore\ten\nBär\tbear\n"
    table = tmp_path / "terms.tsv"
    run(glossary, "export", str(table))
    run(glossary, "remove", "bär")
    run(glossary, "remove", "bank", "--language", "en")
    assert run(glossary, "list").output == ""
    run(glossary, "import", str(table))
    assert run(glossary, "list").output == "Bank\tshore\ten\nBär\tbear\n"
    assert run(glossary, "add", "# x", "y").exit_code == 2


def test_json_has_live_and_final_translations(capsys: pytest.CaptureFixture[str]) -> None:
    printer = JsonPrinter()
    printer.show(told(0, "ONE", final=False), 1.23456)
    assert json.loads(capsys.readouterr().out) == {
        "type": "translation",
        "utterance": 0,
        "language": "en",
        "text": "ONE",
        "final": False,
        "emitted": 1.235,
    }


def test_lines_have_their_translations_below_them(capsys: pytest.CaptureFixture[str]) -> None:
    printer = LinePrinter()
    printer.show(told(0, "EARLY"), 0.0)
    printer.show(FinalCaption(0, 0, 1.0, 2.0, "eins", "de", ()), 0.0)
    printer.show(told(0, "live", final=False), 0.0)
    printer.show(FinalCaption(1, 0, 65.0, 66.0, "zwei", "de", ()), 0.0)
    printer.show(told(1, "TWO"), 0.0)
    printer.show(told(1, "TOO"), 0.0)
    assert capsys.readouterr().out.splitlines() == [
        "[00:01] eins",
        "          en: EARLY",
        "[01:05] zwei",
        "          en: TWO",
    ]


def test_a_translation_that_comes_late_says_whose_it_is() -> None:
    rows = TranslatedRows()
    rows.below(0, "[00:01]")
    rows.below(1, "[00:05]")
    assert rows.take(told(0, "ONE")) == ["[00:01]   en: ONE"]


def test_a_translation_that_fails_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    stages: list[str] = []
    troubles = Troubles(stages.append)
    failure = StageChanged("translate:pt", StageState.FAILED, "It broke", "Mend it.")
    troubles.note(failure)
    troubles.note(failure)
    assert capsys.readouterr().err == (
        "captionist: Captions are not translated: It broke.\n  Mend it.\n"
    )
    assert set(stages) == {"translate:pt"}
