"""A meeting that hears microphone and system: two tracks on one clock, one text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from app import hearing, mixed
from app.capture.doubts import SoundDoubts
from app.capture.mixing import MixStage
from app.core.errors import CaptureError, DeviceLostError
from app.core.events import (
    YOU,
    AudioGap,
    AudioSaved,
    CaptureDoubted,
    CaptureEnded,
    CaptureProblem,
    FinalCaption,
    LevelMeasured,
    MeetingPaused,
    MeetingStarted,
    OwnVoiceHeard,
    StageChanged,
    StageState,
)
from app.recording import Recording
from app.session.store import MeetingState, SessionStore
from tests.fakes.speech import Speaker
from tests.live_scene import Scene, failed, pcm
from tests.live_scene import scene as scene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.core.audio import AudioBlock

BOTH = "mic+system"
SECONDS = 8.0


def quiet(seconds: float = SECONDS) -> np.ndarray[Any, Any]:
    """As good as silence, as a real microphone delivers it."""
    noise = np.random.default_rng(1).normal(0, 1e-4, round(seconds * 16_000))
    return noise.astype(np.float32)


def talk(*said: str, after: float) -> np.ndarray[Any, Any]:
    sound = quiet()
    voice = Speaker().rest(after).say(*said).samples[: len(sound)]
    sound[: len(voice)] += voice
    return sound


THEY = talk("one", "two", "end", after=1.0)
MINE = talk("three", "four", "end", after=5.0)


class TestTwoTracks:
    def test_each_source_is_a_track_and_the_captions_are_of_both(self, scene: Scene) -> None:
        meeting = scene.meeting(BOTH)
        meeting.start()
        assert meeting.sources == ("mic", "system")
        scene.play_both(MINE, THEY)
        meeting.stop()
        np.testing.assert_array_equal(scene.recorded("mic"), pcm(MINE))
        np.testing.assert_array_equal(scene.recorded("system"), pcm(THEY))
        assert scene.stored() == ["one two end.", "three four end."]
        assert {level.source for level in scene.heard.of(LevelMeasured)} == {"mic", "system"}
        (started,) = scene.heard.of(MeetingStarted)
        assert (started.at, started.sources) == (0.0, ("mic", "system"))
        assert not scene.heard.of(AudioGap)

    def test_what_the_user_says_is_the_users(self, scene: Scene) -> None:
        meeting = scene.meeting(BOTH)
        meeting.start()
        scene.play_both(MINE, THEY)
        meeting.stop()
        lines = meeting.session.transcript.lines
        assert [(line.text, line.speakers) for line in lines] == [
            ("one two end.", ()), ("three four end.", (YOU,))
        ]  # fmt: skip

    def test_people_who_share_a_microphone_are_not_all_the_user(self, scene: Scene) -> None:
        meeting = scene.meeting(BOTH, own_voice=False)
        meeting.start()
        scene.play_both(MINE, THEY)
        meeting.stop()
        assert not scene.heard.of(OwnVoiceHeard)
        assert all(not line.speakers for line in meeting.session.transcript.lines)

    def test_saved_is_what_is_saved_of_both(self, scene: Scene) -> None:
        meeting = scene.meeting(BOTH, model="")
        meeting.start()
        scene.source.play(MINE)
        scene.wait_until_recorded(SECONDS)
        assert not scene.heard.of(AudioSaved)
        scene.system.play(THEY[:16_000])
        meeting.stop()
        assert scene.heard.of(AudioSaved)[0].seconds <= 1.0
        assert scene.heard.of(AudioSaved)[-1].seconds == pytest.approx(SECONDS)

    def test_a_pause_holds_both(self, scene: Scene) -> None:
        meeting = scene.meeting(BOTH, model="")
        meeting.start()
        scene.play_both(MINE[:32_000], THEY[:32_000])
        meeting.pause()
        scene.source.play(MINE[:32_000])
        scene.system.play(THEY[:32_000])
        meeting.resume()
        scene.source.play(MINE[:16_000])
        scene.system.play(THEY[:16_000])
        meeting.stop()
        assert scene.heard.of(MeetingPaused) == [MeetingPaused(2.0)]
        assert len(scene.recorded("mic")) == len(scene.recorded("system")) == 48_000
        assert not scene.heard.of(AudioGap)

    def test_recording_alone_mixes_nothing(self, scene: Scene) -> None:
        meeting = scene.meeting(BOTH, model="")
        meeting.start()
        scene.play_both(MINE, THEY)
        meeting.stop()
        assert {e.stage for e in scene.heard.of(StageChanged)} == {"recorder"}


class TestOneOfThemFails:
    def test_at_the_start_the_other_is_recorded_and_the_user_is_told(self, scene: Scene) -> None:
        scene.system.refuse_open = CaptureError("There is no output", hint="Plug one in.")
        meeting = scene.meeting(BOTH)
        meeting.start()
        assert meeting.sources == ("mic",)
        scene.source.play(MINE)
        meeting.stop()
        told = scene.heard.wait_for(failed("system"))
        assert told == StageChanged(
            "system", StageState.FAILED, "There is no output", "Plug one in."
        )
        assert scene.stored() == ["three four end."]
        np.testing.assert_array_equal(scene.recorded(), pcm(MINE))

    def test_when_it_is_started_the_other_goes_on(self, scene: Scene) -> None:
        scene.source.refuse_start = CaptureError("It is in use")
        meeting = scene.meeting(BOTH)
        meeting.start()
        scene.system.play(THEY)
        meeting.stop()
        assert scene.heard.wait_for(failed("mic"))
        assert scene.stored() == ["one two end."]
        np.testing.assert_array_equal(scene.recorded("system"), pcm(THEY))

    @pytest.mark.parametrize("when", ["refuse_open", "refuse_start"])
    def test_if_both_fail_there_is_no_meeting(self, scene: Scene, when: str) -> None:
        for source in (scene.source, scene.system):
            setattr(source, when, CaptureError(f"{source.name} is in use"))
        with pytest.raises(CaptureError, match="in use"):
            scene.meeting(BOTH).start()
        assert not SessionStore(scene.paths.meetings).list()
        assert scene.source.diary[-1] == scene.system.diary[-1] == "close"

    def test_later_the_other_goes_on_and_the_meeting_ends_with_the_last(self, scene: Scene) -> None:
        meeting = scene.meeting(BOTH, model="")
        meeting.start()
        scene.play_both(MINE[:32_000], THEY[:32_000])
        scene.source.end(DeviceLostError("The microphone is gone"))
        assert scene.heard.wait_for(failed("mic"))
        assert not scene.heard.of(CaptureEnded)
        scene.system.play(THEY[32_000:])
        scene.system.end()
        assert scene.heard.of(CaptureEnded) == [CaptureEnded("system")]
        meeting.stop()
        np.testing.assert_array_equal(scene.recorded("system"), pcm(THEY))


class BrokenMix(MixStage):
    """Breaks after the first second."""

    def feed(self, items: Any, /) -> Iterator[Any]:
        if items[-1].block.end > 1.0:
            raise ValueError("the mixer broke")
        return super().feed(items)


class TestPartsThatRaise:
    """Whatever is around the recording, it goes on."""

    def test_a_mixer_costs_the_microphones_captions_only(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(mixed, "MixStage", BrokenMix)
        meeting = scene.meeting(BOTH)
        meeting.start()
        scene.play_both(MINE, THEY)
        meeting.stop()
        assert scene.heard.wait_for(failed("mix"))
        np.testing.assert_array_equal(scene.recorded("mic"), pcm(MINE))
        np.testing.assert_array_equal(scene.recorded("system"), pcm(THEY))
        assert scene.heard.of(FinalCaption)[-1].text == "one two end."
        assert "the mixer broke" in caplog.text

    @pytest.mark.parametrize("when", ["made", "asked"])
    def test_doubts(
        self,
        when: str,
        scene: Scene,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def broken(*_: object) -> Any:
            raise ValueError("the doubts broke")

        if when == "made":
            monkeypatch.setattr(hearing, "sound_doubts_for", broken)
        else:
            monkeypatch.setattr(SoundDoubts, "note", broken)
        meeting = scene.meeting(BOTH)
        meeting.start()
        scene.play_both(MINE, THEY)
        meeting.stop()
        assert len([e for e in scene.heard.events if failed("doubts")(e)]) == 2
        np.testing.assert_array_equal(scene.recorded("mic"), pcm(MINE))
        assert scene.stored() == ["one two end.", "three four end."]
        assert "the doubts broke" in caplog.text


class TestDoubts:
    def test_a_microphone_that_is_muted_is_told_and_kept(self, scene: Scene) -> None:
        meeting = scene.meeting(model="")
        meeting.start()
        scene.source.play(np.zeros(9 * 16_000, np.float32))
        told = scene.heard.wait_for(lambda e: isinstance(e, CaptureDoubted))
        meeting.stop()
        assert told == CaptureDoubted("mic", CaptureProblem.SILENT, 8.0)
        (journal,) = scene.paths.meetings.glob("*/journal.jsonl")
        assert '"doubted"' in journal.read_text(encoding="utf-8")


def test_sound_that_waits_for_the_disk_too_long_is_a_gap_that_says_so(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The channel behind the device refuses and counts; nothing is silently missing."""
    monkeypatch.setattr(hearing, "_CAPTURE_BACKLOG", 1.0)
    took = Recording._take
    first: list[bool] = []

    def slow(self: Recording, ear: hearing.Ear, item: AudioBlock | Any) -> None:
        if not first:
            first.append(True)
            scene.may_load.wait(10)
        took(self, ear, item)

    monkeypatch.setattr(Recording, "_take", slow)
    meeting = scene.meeting(model="")
    scene.may_load.clear()
    meeting.start()
    scene.source.play(MINE[:48_000])
    scene.may_load.set()
    scene.wait_until_recorded(0.9)
    scene.source.play(MINE[48_000:])
    meeting.stop()
    (gap,) = scene.heard.of(AudioGap)
    assert gap.reason == hearing.TOO_SLOW
    assert gap.end == pytest.approx(3.0)
    (summary,) = SessionStore(scene.paths.meetings).list()
    assert summary.state is MeetingState.COMPLETE
