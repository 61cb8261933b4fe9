"""Short recordings made into streams with pauses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from app.bench.joined import joined
from app.bench.manifest import Recording, TimedText
from app.bench.run import load_samples
from app.bench.truth import true_words
from app.core.audio import SPEECH_RATE
from app.core.errors import StorageError
from app.core.events import Word
from tests.fakes.speech import FakeWhisper, Speaker, ramble

RATE = SPEECH_RATE
FAINT = 1e-4  # of full scale: -80 dBFS


def write(path: Path, samples: NDArray[np.float32], rate: int = RATE) -> Path:
    path.parent.mkdir(exist_ok=True)
    soundfile.write(path, samples, rate)
    return path


def noisy(path: Path, seconds: float, language: str = "en") -> Recording:
    """A recording of `seconds` in which its own name is said."""
    sound = np.random.default_rng(len(path.name)).uniform(-0.3, 0.3, round(seconds * RATE))
    return Recording(write(path, sound.astype(np.float32)), language, path.stem)


def loudness(samples: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(samples**2)))


def names(found: list[Recording]) -> list[str]:
    return [recording.path.name for recording in found]


def test_recordings_lie_behind_each_other_with_faint_pauses(tmp_path: Path) -> None:
    given = [noisy(tmp_path / "one.wav", 1.5), noisy(tmp_path / "three.flac", 0.75)]
    with joined(given, 2.5) as (found,):
        samples = load_samples(found)
    assert (found.path.name, found.language, found.transcript) == ("one.wav +1", "en", "one three")
    assert [(p.recording, p.start, p.end) for p in found.parts] == [
        (given[0], 1.0, 2.5),
        (given[1], 5.0, 5.75),
    ]
    assert len(samples) == 6.75 * RATE
    for part in found.parts:
        heard = samples[round(part.start * RATE) : round(part.end * RATE)]
        assert np.abs(heard - load_samples(part.recording)).max() < 2 / 32768
    for begin, end in ((0.0, 1.0), (2.5, 5.0), (5.75, 6.75)):
        pause = samples[round(begin * RATE) : round(end * RATE)]
        assert loudness(pause) == pytest.approx(FAINT, rel=0.1)


def test_the_same_recordings_give_the_same_sound(tmp_path: Path) -> None:
    given = [noisy(tmp_path / "one.wav", 0.5), noisy(tmp_path / "two.wav", 0.5)]
    with joined(given, 1.0) as (once,), joined(given, 1.0) as (again,):
        assert once.path != again.path
        assert once.path.read_bytes() == again.path.read_bytes()


def test_two_minutes_of_recordings_are_heard_together_whatever_the_pause(tmp_path: Path) -> None:
    given = [noisy(tmp_path / f"{n}.wav", 50.0) for n in range(5)]
    for pause in (0.1, 20.0):
        with joined(given, pause) as found:
            assert names(found) == ["0.wav +1", "2.wav +1", "4.wav"]


def test_a_long_recording_stays_by_itself(tmp_path: Path) -> None:
    lengths = {"a.wav": 20.0, "b.wav": 230.0, "c.wav": 20.0}
    with joined([noisy(tmp_path / name, s) for name, s in lengths.items()], 1.0) as found:
        assert names(found) == ["a.wav", "b.wav", "c.wav"]


def test_languages_are_kept_apart(tmp_path: Path) -> None:
    spoken = {"a.wav": "en", "b.wav": "ko", "c.wav": "en"}
    given = [noisy(tmp_path / name, 0.5, language) for name, language in spoken.items()]
    with joined(given, 1.0) as found:
        assert [(r.path.name, r.language) for r in found] == [("a.wav +1", "en"), ("b.wav", "ko")]


def test_recordings_of_one_name_do_not_meet(tmp_path: Path) -> None:
    given = [noisy(tmp_path / folder / "a.wav", 100.0) for folder in ("one", "two")]
    with joined(given, 1.0) as found:
        assert names(found) == ["a.wav", "a.wav"]
        assert len({recording.path for recording in found}) == 2


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    with joined([noisy(tmp_path / "a.wav", 0.5)], 1.0) as (found,):
        assert found.path.exists()
    assert not found.path.parent.parent.exists()


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    longest = noisy(tmp_path / f"{'a' * 251}.wav", 0.5)  # with " +1" too long for a name
    with pytest.raises(StorageError, match="cannot be written") as told:
        joined([longest, longest], 1.0).__enter__()
    assert told.value.hint


def test_words_are_timed_in_each_part_by_itself(tmp_path: Path) -> None:
    """By hand, by segments, by what an offline pass heard, or as a whole, as each part has it."""
    by_hand = Recording(write(tmp_path / "a.wav", _tone(1.0)), "en", "one", (_timed("one", 0.2),))
    speaker = Speaker().rest(0.3).say("one", "two").rest(0.5)
    whole = Recording(write(tmp_path / "b.wav", speaker.samples), "en", "one two")
    other = Speaker().rest(2.0).say("two", "three").rest(0.2)
    parts = (TimedText("two", 1.9, 2.35), TimedText("three", 2.35, 3.0))
    by_segments = Recording(write(tmp_path / "c.wav", other.samples), "en", "two three", (), parts)
    with joined([by_hand, whole, by_segments], 3.0) as (found,):
        starts = [part.start for part in found.parts]
        words = true_words(found, load_samples(found), FakeWhisper(), [])
    said = [
        *_said(starts[0], [(0.2, "one")]),
        *_said(starts[1], [(word.start, word.text) for word in speaker.said]),
        *_said(starts[2], [(word.start, word.text) for word in other.said]),
    ]
    assert [word.text for word in words] == [text for _, text in said]
    assert [word.start for word in words] == pytest.approx([start for start, _ in said], abs=0.03)


def test_a_long_part_is_cut_by_what_was_heard_of_it_alone(tmp_path: Path) -> None:
    """The same is said twice: what was heard of the first must not cut the second."""
    speaker = Speaker()
    said = ramble(90)
    for at in range(0, 90, 10):
        speaker.say(*said[at : at + 10]).rest(1.0)
    path = write(tmp_path / "a.wav", speaker.samples)
    given = [Recording(path, "en", " ".join(said))] * 2
    with joined(given, 3.0) as (found,):
        heard = [
            Word(f" {word.text}", part.start + word.start, part.start + word.end, 0.9)
            for part in found.parts
            for word in speaker.said
        ]
        samples = load_samples(found)
    words = true_words(found, samples, FakeWhisper(), heard)
    assert [word.text for word in words] == [*said, *said]
    assert [w.start for w in words] == pytest.approx([w.start for w in heard], abs=0.03)
    first = [word for word in heard if word.end < found.parts[0].end]
    assert len(true_words(found, samples, FakeWhisper(), first)) == 90, "nothing heard of the other"


def test_a_soft_recording_beside_a_loud_one_has_the_times_that_it_has_alone(tmp_path: Path) -> None:
    loud = Speaker().say("one", "two").rest(0.3)
    soft = Speaker().rest(1.0).say("three", length=0.5).rest(1.5).say("four").rest(1.0)
    quiet = 0.01 * soft.samples
    given = [
        Recording(write(tmp_path / "loud.wav", loud.samples), "en", "one two"),
        Recording(write(tmp_path / "soft.wav", quiet), "en", "three four"),
    ]
    alone = true_words(given[1], load_samples(given[1]), FakeWhisper(), [])
    with joined(given, 3.0) as (found,):
        words = true_words(found, load_samples(found), FakeWhisper(), [])
        start = found.parts[1].start
    assert [w.start - start for w in words[2:]] == pytest.approx([w.start for w in alone])
    assert [w.end - start for w in words[2:]] == pytest.approx([w.end for w in alone])


def _tone(seconds: float) -> NDArray[np.float32]:
    wave: NDArray[np.float32] = (0.3 * np.sin(np.arange(round(seconds * RATE)) * 0.2)).astype("f4")
    return wave


def _timed(text: str, start: float) -> TimedText:
    return TimedText(text, start, start + 0.3)


def _said(begin: float, words: list[tuple[float, str]]) -> list[tuple[float, str]]:
    return [(begin + start, text) for start, text in words]
