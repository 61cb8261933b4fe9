"""Where sound enters a meeting: pauses, refusals, and what recognition could not take."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from app.core.audio import AudioBlock, AudioFormat
from app.core.events import RecognitionSkipped
from app.intake import Intake, Pauses, SkippedSpeech
from app.pipeline.channel import Channel

FORM = AudioFormat(8_000, 1)


def block(first: int, frames: int = 80) -> AudioBlock:
    return AudioBlock(first, np.zeros((frames, 1), np.int16), FORM)


@pytest.fixture
def inbox() -> Iterator[Channel[AudioBlock]]:
    channel: Channel[AudioBlock] = Channel(100)
    yield channel
    channel.close()


class TestIntake:
    def test_what_came_while_paused_is_taken_out_of_the_clock(
        self, inbox: Channel[AudioBlock]
    ) -> None:
        intake = Intake(inbox)
        intake.take(block(0))
        assert intake.pause()
        assert not intake.pause()
        intake.take(block(80))
        intake.take(block(160))
        assert intake.resume()
        assert not intake.resume()
        intake.take(block(240))
        assert [b.first_frame for b in inbox.take()] == [0, 80]
        assert intake.seconds == pytest.approx(160 / 8_000)

    def test_a_loss_stays_a_jump(self, inbox: Channel[AudioBlock]) -> None:
        intake = Intake(inbox)
        intake.take(block(0))
        intake.take(block(400))
        assert [b.first_frame for b in inbox.take()] == [0, 400]

    def test_a_block_that_is_refused_leaves_a_jump(self) -> None:
        narrow: Channel[AudioBlock] = Channel(1)
        intake = Intake(narrow)
        intake.take(block(0))
        intake.take(block(80))
        narrow.take()
        intake.take(block(160))
        assert [b.first_frame for b in narrow.take()] == [160]
        assert intake.seconds == pytest.approx(240 / 8_000)

    def test_no_time_has_passed_before_the_first_sound(self, inbox: Channel[AudioBlock]) -> None:
        intake = Intake(inbox)
        assert (intake.seconds, intake.stream_time) == (0.0, 0.0)
        intake.take(block(0))
        assert intake.stream_time >= block(0).end


class TestPauses:
    def test_two_sources_leave_out_the_same_time(self) -> None:
        pauses = Pauses()
        first: Channel[AudioBlock] = Channel(100)
        second: Channel[AudioBlock] = Channel(100)
        mic, system = Intake(first, pauses), Intake(second, pauses)
        mic.take(block(0))
        mic.take(block(80))
        system.take(block(0, frames=100))  # it is 60 frames behind
        mic.pause()
        system.take(block(100, frames=100))
        mic.take(block(160))
        mic.take(block(240))
        system.resume()
        system.take(block(200, frames=200))
        mic.take(block(320))

        assert [(b.first_frame, b.frames) for b in first.take()] == [(0, 80), (80, 80), (160, 80)]
        parts = [(b.first_frame, b.frames) for b in second.take()]
        assert parts == [(0, 100), (100, 60), (160, 80)]
        assert mic.seconds == system.seconds == pytest.approx(240 / 8_000)

    def test_the_samples_are_those_of_their_places(self) -> None:
        pauses, inbox = Pauses(), Channel[AudioBlock](100)
        intake = Intake(inbox, pauses)
        counted = np.arange(1000, dtype=np.int16)[:, None]
        intake.take(AudioBlock(0, counted[:100], FORM))
        intake.pause()
        intake.take(AudioBlock(100, counted[100:300], FORM))
        intake.resume()
        intake.take(AudioBlock(300, counted[300:400], FORM))

        before, after = inbox.take()
        assert before.samples[-1] == 99
        assert (after.first_frame, after.samples[0]) == (100, 300)

    def test_a_device_that_is_changed_in_a_pause_leaves_no_gap(self) -> None:
        pauses, inbox = Pauses(), Channel[AudioBlock](100)
        intake = Intake(inbox, pauses)
        intake.take(block(0))
        intake.pause()
        intake.take(block(80))
        intake.take(block(8_000))  # a second without sound
        intake.resume()
        intake.take(block(8_080))

        assert [b.first_frame for b in inbox.take()] == [0, 80]


class TestSkippedSpeech:
    def test_consecutive_blocks_are_one_fact(self) -> None:
        skipped = SkippedSpeech()
        assert skipped.note(block(0), accepted=True) is None
        assert skipped.note(block(80), accepted=False) is None
        assert skipped.note(block(160), accepted=False) is None
        assert skipped.note(block(240), accepted=True) == RecognitionSkipped(0.01, 0.03)
        assert skipped.note(block(320), accepted=True) is None

    def test_what_is_skipped_at_the_end_is_told_at_the_end(self) -> None:
        skipped = SkippedSpeech()
        skipped.note(block(80), accepted=False)
        assert skipped.end() == RecognitionSkipped(0.01, 0.02)
        assert skipped.end() is None
