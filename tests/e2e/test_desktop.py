"""The real program as a person uses it: record, read the captions, stop, find and export.

Screenshots are left in the folder `screens` of pytest's temporary folder.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from app.session.audio import AudioReader
from tests.e2e.program import PANEL, Program
from tests.e2e.speech import Clip, our_clip, real_speech
from tests.waiting import wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from tests.desktop import VirtualDesktop

pytestmark = [pytest.mark.desktop, pytest.mark.model, pytest.mark.timeout(180)]
LATEST = 2.0
"""Seconds after a word was said by which it must be on the panel."""
MISHEARD = 0.15
"""Share of words that the smallest model may get wrong: live, it depends on when it is asked."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A meeting that was recorded through the window: what was said, what was shown when."""

    program: Program
    screens: Path
    clip: Clip
    started: float
    shown: list[dict[str, Any]]
    meeting: str


@pytest.fixture(scope="module")
def screens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("screens")


@pytest.fixture(scope="module")
def program(
    desktop: VirtualDesktop, tiny_en_store: Path, tmp_path_factory: pytest.TempPathFactory
) -> Program:
    return Program(desktop, tmp_path_factory.mktemp("e2e") / "data", tiny_en_store)


@pytest.fixture(scope="module", params=["our clip", "real speech"])
def recorded(request: pytest.FixtureRequest, program: Program, screens: Path) -> Recorded:
    clip = our_clip() if request.param == "our clip" else real_speech(screens)
    if clip is None:
        pytest.skip("there is no evaluation audio here")
    return _record(program, clip, screens, request.param.replace(" ", "-"))


def _record(program: Program, clip: Clip, screens: Path, name: str) -> Recorded:
    """Press Record, speak, and press it again."""
    desktop = program.desktop
    before = set(program.meeting_ids("complete"))
    program.press_record()
    started = time.monotonic()
    playing = desktop.play(clip.path, "mic_sink")
    last = {said.word for said in clip.words[-2:]}
    wait_for(f"one of {last}", lambda: last & set(_words(_newest(program))), timeout=40)
    desktop.screenshot(screens / f"{name}-recording.png")
    assert playing.wait(20) == 0
    desktop.key(program.window, "ctrl+r")
    meeting = wait_for(
        "the saved meeting", lambda: set(program.meeting_ids("complete")) - before, timeout=40
    ).pop()
    shown = [record for record in program.shown() if record["at"] >= started]
    return Recorded(program, screens, clip, started, shown, meeting)


def _newest(program: Program) -> str:
    shown = program.shown()
    return str(shown[-1]["text"]) if shown else ""


def _words(text: str) -> list[str]:
    return [word.strip(".,!?;:\"'").lower() for word in text.split()]


def _assert_has_words(text: str, clip: Clip) -> None:
    missing = [said.word for said in clip.words if said.word not in _words(text)]
    assert len(missing) <= MISHEARD * len(clip.words), missing


def test_the_words_are_on_the_panel_within_two_seconds(recorded: Recorded) -> None:
    late: dict[str, float | None] = {}
    for said in recorded.clip.words:
        seen = [r["at"] for r in recorded.shown if said.word in _words(r["text"])]
        delay = seen[0] - recorded.started - said.end if seen else None
        if delay is None or delay > LATEST:
            late[said.word] = delay
    assert len(late) <= MISHEARD * len(recorded.clip.words), late


def test_the_meeting_has_text_and_audio(recorded: Recorded) -> None:
    text = recorded.program.cli("meetings", "show", recorded.meeting)
    _assert_has_words(text, recorded.clip)
    (folder,) = recorded.program.data.glob(f"meetings/{recorded.meeting}/audio")
    assert AudioReader(folder).duration() > recorded.clip.words[-1].end
    wait_for("the smaller recording", lambda: list(folder.glob("*.flac")))
    wait_for("the original to go", lambda: not list(folder.glob("*.wav")))
    assert AudioReader(folder).duration() > recorded.clip.words[-1].end


def test_the_export_dialog_writes_json_and_srt(recorded: Recorded) -> None:
    program = recorded.program
    document = json.loads(program.export_by_dialog("json", 0, recorded.screens / "export.png"))
    _assert_has_words(" ".join(line["text"] for line in document["lines"]), recorded.clip)
    subtitles = program.export_by_dialog("srt", 1, recorded.screens / "export.png")
    blocks = subtitles.strip().split("\n\n")
    for number, block in enumerate(blocks, start=1):
        lines = block.splitlines()
        assert lines[0] == str(number)
        assert " --> " in lines[1]
    _assert_has_words(" ".join(blocks), recorded.clip)


def test_the_panel_never_takes_the_focus_and_stays_above(program: Program) -> None:
    desktop = program.desktop
    program.press_record()
    panel = desktop.window(PANEL)
    assert desktop.run("xdotool", "getactivewindow") == program.window
    state = desktop.run("xprop", "-id", panel, "_NET_WM_STATE", "WM_HINTS")
    assert "_NET_WM_STATE_ABOVE" in state
    desktop.key(program.window, "ctrl+r")
    wait_for("the panel to go", lambda: not desktop.windows(PANEL), timeout=20)


def test_the_program_lives_on_in_the_tray_and_quits_from_there(
    program: Program, screens: Path
) -> None:
    desktop = program.desktop
    wait_for("the last meeting", lambda: not program.meeting_ids("running"))
    desktop.screenshot(screens / "window.png")
    desktop.key(program.window, "alt+F4")
    wait_for("the window to go", lambda: program.window not in program.windows())
    assert program.process.poll() is None
    program.dismiss_tray_note(screens / "tray-note.png")
    program.open_tray_menu()
    desktop.screenshot(screens / "tray-menu.png")
    desktop.run("xdotool", "key", "Up", "Return")  # the last entry is Quit
    assert program.process.wait(20) == 0
    assert "Traceback" not in desktop.log("captionist")
