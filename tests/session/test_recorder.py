from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.core.audio import AudioBlock, AudioFormat
from app.core.clock import VirtualClock
from app.core.errors import DataFolderError, DiskFullError, StorageError
from app.core.events import AudioGap, AudioSaved, Event, LevelMeasured, SpaceMeasured
from app.pipeline.protocol import Stage
from app.session.audio import AudioReader
from app.session.recorder import SILENCE_DB, RecorderStage
from app.session.space import SavedTogether
from app.session.tracks import track_files
from tests.session.limits import largest_file, needs_limits
from tests.session.sound import MONO, STEREO, block, blocks, ramp


def _stage(folder: Path, rotate_s: float = 600.0) -> RecorderStage:
    stage = RecorderStage(folder, "mic", rotate_s=rotate_s, clock=VirtualClock())
    stage.open()
    return stage


def _run(stage: RecorderStage, items: Iterable[AudioBlock]) -> list[AudioBlock | Event]:
    try:
        out = [o for item in items for o in stage.feed([item])]
        return [*out, *stage.flush()]
    finally:
        stage.close()


def _of(kind: type, outs: Iterable[object]) -> list[object]:
    return [out for out in outs if isinstance(out, kind)]


def _recorded(folder: Path) -> list[int]:
    samples = AudioReader(folder).read("mic", 0, 1e6).samples
    return [int(n) for n in np.rint(samples * 32_768)]


def test_it_is_a_stage(tmp_path: Path) -> None:
    stage: Stage[AudioBlock, AudioBlock | Event] = _stage(tmp_path)
    assert stage.name == "recorder"
    stage.close()


@pytest.mark.parametrize("audio_format", [MONO, STEREO])
def test_blocks_pass_through_and_are_on_disk(tmp_path: Path, audio_format: AudioFormat) -> None:
    items = list(blocks(20_000, 333, audio_format))
    outs = _run(_stage(tmp_path, rotate_s=1.0), items)
    assert _of(AudioBlock, outs) == items
    assert _recorded(tmp_path) == list(ramp(0, 20_000)[:, 0])


def test_a_block_is_on_disk_before_it_is_passed_on(tmp_path: Path) -> None:
    stage = _stage(tmp_path)
    for out in stage.feed([block(0, 100)]):
        if isinstance(out, AudioBlock):
            assert (tmp_path / "mic-0001.wav").stat().st_size == 44 + 200
    stage.close()


def test_everything_that_waits_is_taken_at_once(tmp_path: Path) -> None:
    stage = _stage(tmp_path)
    outs = list(stage.feed(list(blocks(16_000, 400))))
    stage.close()
    assert len(_of(AudioBlock, outs)) == 40


def test_saving_is_reported_before_a_second_is_over_and_at_the_end(tmp_path: Path) -> None:
    outs = _run(_stage(tmp_path), blocks(20_000, 400))
    assert _of(AudioSaved, outs) == [AudioSaved(s) for s in (0.75, 1.5, 2.25, 2.5)]


def test_a_jump_becomes_silence_and_a_gap(tmp_path: Path) -> None:
    outs = _run(_stage(tmp_path), [block(0, 800), block(20_000, 800)])
    assert _of(AudioGap, outs) == [AudioGap(0.1, 2.5, "mic lost audio")]
    silence = [0] * 19_200
    assert _recorded(tmp_path) == [*ramp(0, 800)[:, 0], *silence, *ramp(20_000, 800)[:, 0]]
    kinds = [type(out) for out in outs if not isinstance(out, LevelMeasured | AudioSaved)]
    assert kinds == [AudioBlock, AudioGap, AudioBlock]


def test_what_a_late_source_missed_is_silence_and_told_if_it_was_long(tmp_path: Path) -> None:
    assert _of(AudioGap, _run(_stage(tmp_path / "a"), [block(4_000, 800)])) == []
    assert _recorded(tmp_path / "a") == [*[0] * 4_000, *ramp(4_000, 800)[:, 0]]
    outs = _run(_stage(tmp_path / "b"), [block(12_000, 800)])
    assert _of(AudioGap, outs) == [AudioGap(0.0, 1.5, "mic started late")]


def test_going_back_in_time_records_nothing_twice(tmp_path: Path) -> None:
    outs = _run(
        _stage(tmp_path), [block(0, 800), block(400, 800), block(100, 300), block(1_200, 8)]
    )
    passed = [(b.first_frame, b.frames) for b in outs if isinstance(b, AudioBlock)]
    assert passed == [(0, 800), (800, 400), (1_200, 8)]
    assert _recorded(tmp_path) == list(ramp(0, 1_208)[:, 0])


def test_levels_come_about_fifteen_times_a_second(tmp_path: Path) -> None:
    outs = _run(_stage(tmp_path), blocks(80_000, 80))
    levels = _of(LevelMeasured, outs)
    assert 140 <= len(levels) <= 150


def test_levels_are_in_decibels_below_full_scale(tmp_path: Path) -> None:
    square = np.full((8_000, 2), 16_384, np.int16)
    square[::2] = -16_384
    outs = _run(_stage(tmp_path), [AudioBlock(0, square, STEREO)])
    [level] = [out for out in outs if isinstance(out, LevelMeasured)]
    assert level.source == "mic"
    assert level.rms == pytest.approx(-6.02, abs=0.01)
    assert level.peak == pytest.approx(-6.02, abs=0.01)


@pytest.mark.parametrize(("value", "peak"), [(0, SILENCE_DB), (-32_768, 0.0), (1, -90.3)])
def test_silence_and_full_scale_have_levels(tmp_path: Path, value: int, peak: float) -> None:
    sound = np.full((8_000, 1), value, np.int16)
    outs = _run(_stage(tmp_path), [AudioBlock(0, sound, MONO)])
    [level] = [out for out in outs if isinstance(out, LevelMeasured)]
    assert level.peak == pytest.approx(peak, abs=0.05)
    assert level.rms == pytest.approx(peak, abs=0.05)


def test_an_empty_block_does_no_harm(tmp_path: Path) -> None:
    assert _of(AudioBlock, _run(_stage(tmp_path), [block(0, 0), block(0, 10)]))
    assert len(_recorded(tmp_path)) == 10


def test_another_format_goes_on_in_another_file_at_the_same_time(tmp_path: Path) -> None:
    wide = AudioFormat(16_000, 2)
    outs = _run(_stage(tmp_path), [block(0, 800), block(1_600, 1_600, wide), block(1_600, 8)])
    assert _of(AudioGap, outs) == []
    assert [path.name for path in track_files(tmp_path)["mic"]] == [
        "mic-0001.wav", "mic-0002.wav", "mic-0003.wav",
    ]  # fmt: skip
    assert AudioReader(tmp_path).duration("mic") == 0.201
    assert _recorded(tmp_path)[:800] == list(ramp(0, 800)[:, 0])


def test_a_track_that_was_there_is_gone_on_with(tmp_path: Path) -> None:
    _run(_stage(tmp_path), [block(0, 800)])
    outs = _run(_stage(tmp_path), [block(1_000, 800)])
    assert _of(AudioSaved, outs) == [AudioSaved(0.225)]
    assert _recorded(tmp_path) == [*ramp(0, 800)[:, 0], *[0] * 200, *ramp(1_000, 800)[:, 0]]


class Disk:
    """A disk that tells how much is free, and counts how often it was asked."""

    def __init__(self, *free: int) -> None:
        self._free = list(free)
        self.asked = 0

    def __call__(self, _folder: Path) -> int:
        self.asked += 1
        return self._free.pop(0) if len(self._free) > 1 else self._free[0]


def _filling(folder: Path, disk: Disk, seconds: int) -> list[AudioBlock | Event]:
    clock = VirtualClock()
    stage = RecorderStage(folder, "mic", clock=clock, free=disk)
    stage.open()
    outs: list[AudioBlock | Event] = []
    try:
        for item in blocks(8_000 * seconds, 4_000):
            outs.extend(stage.feed([item]))
            clock.spend(0.5)
        outs.extend(stage.flush())
    finally:
        stage.close()
    return outs


def test_a_disk_that_fills_up_is_told_in_time(tmp_path: Path) -> None:
    disk = Disk(2_000_000_000, 900_000_000, 800_000_000, 190_000_000, 150_000_000)
    outs = _filling(tmp_path, disk, 40)
    assert _of(SpaceMeasured, outs) == [
        SpaceMeasured(900_000_000, stopping=False),
        SpaceMeasured(190_000_000, stopping=True),
    ]
    assert disk.asked == 8, "once in five seconds"
    assert len(_recorded(tmp_path)) == 320_000, "the recorder goes on until it is stopped"


def test_space_that_was_freed_is_warned_of_again_when_it_is_gone(tmp_path: Path) -> None:
    outs = _filling(tmp_path, Disk(900_000_000, 3_000_000_000, 900_000_000), 20)
    assert len(_of(SpaceMeasured, outs)) == 2


def test_a_recording_that_nobody_stops_ends_before_the_disk_is_full(tmp_path: Path) -> None:
    with pytest.raises(DiskFullError):
        _filling(tmp_path, Disk(190_000_000, 99_000_000), 40)
    assert len(_recorded(tmp_path)) == 44_000
    assert soundfile.info(tmp_path / "mic-0001.wav").frames == 44_000


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    def gone(_folder: Path) -> int:
        raise OSError(5, "Input/output error")

    stage = RecorderStage(tmp_path, "mic", clock=VirtualClock(), free=gone)
    stage.open()
    with pytest.raises(StorageError, match="Input/output error"):
        list(stage.feed([block(0, 10)]))
    stage.close()
    assert len(_recorded(tmp_path)) == 10


def test_saved_is_what_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each time that is told stands in a header that was synced before, none of a second ago."""
    synced = 0.0
    real = os.fsync

    def fsync(descriptor: int) -> None:
        nonlocal synced
        real(descriptor)
        path = tmp_path / "mic-0001.wav"
        synced = soundfile.info(path).frames / 8_000 if path.exists() else 0.0

    monkeypatch.setattr(os, "fsync", fsync)
    stage = _stage(tmp_path)
    for item in blocks(40_000, 333):
        for out in stage.feed([item]):
            if isinstance(out, AudioSaved):
                assert out.seconds == synced
        assert item.end - synced < 1.0
    stage.close()


def test_slow_sound_is_synced_before_a_second_of_time_is_over(tmp_path: Path) -> None:
    clock = VirtualClock()
    stage = RecorderStage(tmp_path, "mic", clock=clock)
    stage.open()
    saved: list[object] = []
    for item in blocks(800, 80):
        clock.spend(0.25)
        saved.extend(_of(AudioSaved, stage.feed([item])))
    stage.close()
    assert saved == [AudioSaved(s) for s in (0.04, 0.07, 0.1)]


def test_what_is_forgotten_is_silent_on_disk_and_behind_the_recorder(tmp_path: Path) -> None:
    stage = _stage(tmp_path, rotate_s=0.5)
    passed = [out for item in blocks(8_000, 400) for out in stage.feed([item])]
    stage.forget(0.3, 1.2)
    passed += stage.feed([block(8_000, 4_000)])
    stage.close()
    expected = ramp(0, 12_000)[:, 0].copy()
    expected[2_400:9_600] = 0
    assert _recorded(tmp_path) == list(expected)
    last = [out for out in passed if isinstance(out, AudioBlock)][-1]
    assert np.array_equal(last.samples[:, 0], expected[8_000:])


def test_forgetting_and_writing_may_happen_at_the_same_time(tmp_path: Path) -> None:
    stage = _stage(tmp_path, rotate_s=0.3)
    feeding = threading.Thread(
        target=lambda: [list(stage.feed([item])) for item in blocks(40_000, 200)]
    )
    feeding.start()
    for at in range(5):
        stage.forget(at + 0.25, at + 0.75)
    feeding.join()
    stage.close()
    expected = ramp(0, 40_000)[:, 0].copy().reshape(5, 8_000)
    expected[:, 2_000:6_000] = 0
    assert _recorded(tmp_path) == list(expected.ravel())


def test_a_meeting_is_saved_as_far_as_its_slowest_track() -> None:
    together = SavedTogether(["mic", "system"])
    assert together.saved("mic", 3.0) is None
    assert together.saved("system", 1.0) == AudioSaved(1.0)
    assert together.saved("system", 5.0) == AudioSaved(3.0)
    assert together.saved("system", 6.0) is None
    assert together.saved("mic", 2.0) is None, "it never goes back"
    assert together.ended("mic") == AudioSaved(6.0)
    assert together.ended("system") is None


@needs_limits
def test_a_full_disk_is_told_and_the_recording_is_kept(tmp_path: Path) -> None:
    stage = _stage(tmp_path)
    passed: list[object] = []

    def record() -> None:
        for item in blocks(8_000, 400):
            passed.extend(_of(AudioBlock, stage.feed([item])))

    with largest_file(10_001):
        with pytest.raises(StorageError, match="recording cannot be written") as told:
            record()
        stage.close()
    assert told.value.hint
    assert len(passed) == 12
    assert _recorded(tmp_path) == list(ramp(0, (10_001 - 44) // 2)[:, 0])


def test_an_unwritable_folder_is_told_before_the_first_sound(tmp_path: Path) -> None:
    (tmp_path / "audio").touch()
    with pytest.raises(DataFolderError):
        RecorderStage(tmp_path / "audio", "mic").open()


def test_no_sound_makes_no_file(tmp_path: Path) -> None:
    assert _run(_stage(tmp_path), []) == []
    assert list(tmp_path.iterdir()) == []


def test_closing_without_flush_still_completes_the_header(tmp_path: Path) -> None:
    stage = _stage(tmp_path)
    list(stage.feed([block(0, 123)]))
    stage.close()
    stage.close()
    assert len(_recorded(tmp_path)) == 123


def test_a_disk_that_is_full_at_once_is_told_before_the_recorder_gives_up(tmp_path: Path) -> None:
    stage = RecorderStage(tmp_path, "mic", clock=VirtualClock(), free=lambda _folder: 1_000)
    stage.open()
    told = _of(SpaceMeasured, stage.feed([block(0, 400)]))
    stage.close()
    assert told == [SpaceMeasured(1_000, stopping=True)]
    assert len(_recorded(tmp_path)) == 400
