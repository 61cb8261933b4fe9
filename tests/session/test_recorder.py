from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from app.core.audio import AudioBlock, AudioFormat
from app.core.clock import VirtualClock
from app.core.errors import DataFolderError, StorageError
from app.core.events import AudioGap, AudioSaved, Event, LevelMeasured
from app.pipeline.protocol import Stage
from app.session.audio import AudioReader
from app.session.recorder import SILENCE_DB, RecorderStage
from tests.session.limits import largest_file, needs_limits
from tests.session.sound import MONO, STEREO, block, blocks, ramp


def _stage(folder: Path, **options: float) -> RecorderStage:
    stage = RecorderStage(folder, "mic", clock=VirtualClock(), **options)
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


def test_saving_is_reported_each_second_and_at_the_end(tmp_path: Path) -> None:
    outs = _run(_stage(tmp_path), blocks(20_000, 400))
    assert _of(AudioSaved, outs) == [AudioSaved(1.0), AudioSaved(2.0), AudioSaved(2.5)]


def test_a_jump_becomes_silence_and_a_gap(tmp_path: Path) -> None:
    outs = _run(_stage(tmp_path), [block(0, 800), block(20_000, 800)])
    assert _of(AudioGap, outs) == [AudioGap(0.1, 2.5, "mic lost audio")]
    silence = [0] * 19_200
    assert _recorded(tmp_path) == [*ramp(0, 800)[:, 0], *silence, *ramp(20_000, 800)[:, 0]]
    kinds = [type(out) for out in outs if not isinstance(out, LevelMeasured | AudioSaved)]
    assert kinds == [AudioBlock, AudioGap, AudioBlock]


def test_a_late_start_is_a_gap_too(tmp_path: Path) -> None:
    outs = _run(_stage(tmp_path), [block(4_000, 800)])
    assert _of(AudioGap, outs) == [AudioGap(0.0, 0.5, "mic lost audio")]


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


def test_another_format_is_refused_and_the_recording_is_kept(tmp_path: Path) -> None:
    stage = _stage(tmp_path)
    list(stage.feed([block(0, 800)]))
    with pytest.raises(StorageError, match="changed") as told:
        list(stage.feed([block(800, 800, STEREO)]))
    stage.close()
    assert "kept" in told.value.hint
    assert len(_recorded(tmp_path)) == 800


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
