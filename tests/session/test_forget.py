from __future__ import annotations

import json
import zlib
from pathlib import Path

import numpy as np
import pytest

from app.core.errors import StorageError
from app.core.events import (
    CaptionEdited,
    Event,
    FinalCaption,
    MeetingForgot,
    PreviewChanged,
    SpeakerTurn,
    Translation,
    TranslationEdited,
    TurnsFound,
    Word,
    WordsCommitted,
)
from app.session import session as session_module
from app.session.audio import AudioReader
from app.session.convert import Conversion
from app.session.forget import Stretch, scrubbed, without_stretch
from app.session.journal import is_lasting, read_journal, to_line
from app.session.recorder import RecorderStage
from app.session.session import Session
from app.session.store import SessionStore
from app.session.writer import TrackWriter
from tests.core.samples import SAMPLES
from tests.session.sound import MONO, block, ramp

SECRET = "budget"
GONE = Stretch(10.0, 20.0)


@pytest.fixture
def store(tmp_path: Path) -> SessionStore:
    return SessionStore(tmp_path / "meetings")


def _words(first: float, *texts: str) -> tuple[Word, ...]:
    return tuple(Word(f" {text}", first + n, first + n + 0.5, 0.9) for n, text in enumerate(texts))


def _caption(utterance: int, first: float, *texts: str, revision: int = 0) -> FinalCaption:
    words = _words(first, *texts)
    return FinalCaption(
        utterance, revision, first, words[-1].end, " ".join(texts), "en", words, f"{texts}"
    )


def _told() -> list[Event]:
    """Utterance 0 is before, 1 reaches in, 2 is inside, 3 reaches out, 4 is behind."""
    return [
        _caption(0, 2.0, "good", "morning"),
        WordsCommitted(1, _words(8.0, "the", "new", SECRET)),
        _caption(1, 8.0, "the", "new", SECRET),
        Translation(1, "de", f"das neue {SECRET}", final=True),
        _caption(2, 12.0, SECRET, SECRET),
        _caption(2, 12.0, SECRET, revision=1),
        CaptionEdited(2, f"our {SECRET}"),
        TranslationEdited(2, "pt", SECRET),
        TurnsFound(0.0, 30.0, (SpeakerTurn(8.0, 25.0, 0), SpeakerTurn(12.0, 13.0, 1)), final=True),
        _caption(3, 19.0, SECRET, "is", "all"),
        CaptionEdited(99, f"lost {SECRET}"),
        _caption(4, 25.0, "thank", "you"),
        CaptionEdited(4, "Thank you"),
        Translation(4, "de", "danke", final=True),
    ]


KEPT = ["good morning", "the new", "is all", "Thank you"]


def _filled(store: SessionStore, record: bool = True) -> Session:
    session = store.create("A", "mic", "base", "en")
    if record:
        for track in ("mic", "system"):
            stage = RecorderStage(session.audio_folder, track, rotate_s=7.0)
            stage.open()
            list(stage.feed([block(0, 240_000)]))
            stage.close()
    for event in _told():
        session.record(event)
    return session


def _everything(folder: Path) -> bytes:
    return b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())


def _lines(session: Session) -> list[str]:
    return [line.text for line in session.transcript.lines]


def test_sound_and_text_of_a_stretch_go_together(store: SessionStore) -> None:
    with _filled(store) as session:
        (session.folder / "journal.damaged.jsonl").write_text(SECRET)
        (session.folder / ".journal.jsonl.0a0b").write_text(SECRET)
        assert SECRET.encode() in _everything(session.folder)
        assert session.forget(10.0, 20.0) == MeetingForgot(10.0, 20.0)
        assert SECRET.encode() not in _everything(session.folder)
        assert _lines(session) == KEPT
        session.finish(30.0)
    meeting = store.read(session.id)
    assert [line.text for line in meeting.transcript.lines] == KEPT
    assert meeting.transcript.forgotten == [MeetingForgot(10.0, 20.0)]
    assert meeting.transcript.turns == (SpeakerTurn(8.0, 10.0, 0), SpeakerTurn(20.0, 25.0, 0))
    assert meeting.info.words == sum(len(text.split()) for text in KEPT)
    assert [t.text for t in meeting.transcript.lines[-1].translations] == ["danke"]
    expected = ramp(0, 240_000)[:, 0] / 32_768
    expected[80_000:160_000] = 0
    for track in ("mic", "system"):
        assert np.allclose(meeting.audio.read(track, 0, 99).samples, expected, atol=1e-6)
    assert not (session.folder / "forget.json").exists()


def test_words_on_the_edge_keep_their_times(store: SessionStore) -> None:
    with _filled(store, record=False) as session:
        session.forget(10.0, 20.0)
        line = session.transcript.line(1)
        after = session.transcript.line(3)
    assert line is not None
    assert after is not None
    assert ([w.text for w in line.words], line.end) == ([" the", " new"], 9.5)
    assert (after.start, after.end) == (20.0, 21.5)


def test_a_reopened_meeting_tells_the_same_as_the_running_one(store: SessionStore) -> None:
    with _filled(store, record=False) as session:
        session.forget(10.0, 20.0)
        live = session.transcript.lines
    with store.open(session.id) as again:
        assert [(a.start, a.end, a.text, a.words) for a in again.transcript.lines] == [
            (b.start, b.end, b.text, b.words) for b in live
        ]


def test_what_comes_later_about_the_stretch_is_not_kept(store: SessionStore) -> None:
    with _filled(store, record=False) as session:
        session.forget(10.0, 20.0)
        late: list[Event] = [
            _caption(2, 12.0, SECRET, revision=3),
            _caption(7, 14.0, SECRET),
            WordsCommitted(8, _words(19.0, SECRET)),
            Translation(2, "de", SECRET, final=True),
            Translation(1, "de", SECRET, final=True),
            PreviewChanged(8, SECRET),
        ]
        assert [session.record(event) for event in late] == [None] * len(late)
        kept = session.record(_caption(3, 19.0, SECRET, "is", "all", revision=2))
        assert isinstance(kept, FinalCaption)
        assert kept.text == "is all"
        assert SECRET.encode() not in _everything(session.folder)
        edit = CaptionEdited(1, "the new one")
        assert session.record(edit) == edit, "a person may write what should stand there"
        assert _lines(session) == [KEPT[0], "the new one", *KEPT[2:]]
    with store.open(session.id) as again:
        assert again.record(_caption(7, 14.0, SECRET)) is None, "not even much later"
        assert _lines(again) == [KEPT[0], "the new one", *KEPT[2:]]


def test_two_stretches_can_be_forgotten(store: SessionStore) -> None:
    with _filled(store) as session:
        session.forget(10.0, 20.0)
        session.forget(2.0, 3.0)
        session.forget(2.0, 3.0)
        assert _lines(session) == ["morning", *KEPT[1:]]
        events = read_journal(session.folder / "journal.jsonl").events
    assert [e for e in events if isinstance(e, MeetingForgot)] == [
        MeetingForgot(10.0, 20.0), MeetingForgot(2.0, 3.0),
    ]  # fmt: skip
    assert not np.any(AudioReader(session.audio_folder).read("mic", 2.0, 3.0).samples)


@pytest.mark.parametrize(("start", "end"), [(5.0, 5.0), (6.0, 5.0), (-1.0, 5.0)])
def test_an_empty_stretch_is_refused(store: SessionStore, start: float, end: float) -> None:
    with _filled(store, record=False) as session:
        with pytest.raises(StorageError, match="nothing to forget"):
            session.forget(start, end)
        assert len(session.transcript.lines) == 6


def test_a_running_recorder_forgets_with_it(store: SessionStore) -> None:
    with store.create("A", "mic", "", "en") as session:
        stage = RecorderStage(session.audio_folder, "mic", rotate_s=2.0)
        stage.open()
        list(stage.feed([block(0, 40_000)]))
        session.forget(1.0, 6.0, stage.forget)
        list(stage.feed([block(40_000, 40_000)]))
        stage.close()
    expected = ramp(0, 80_000)[:, 0] / 32_768
    expected[8_000:48_000] = 0
    sound = AudioReader(session.audio_folder).read("mic", 0, 99).samples
    assert np.allclose(sound, expected, atol=1e-6)


@pytest.mark.parametrize("kind", ["flac", "opus"])
def test_a_converted_meeting_can_be_forgotten_in_part(store: SessionStore, kind: str) -> None:
    with store.create("A", "mic", "base", "en") as session:
        session.audio_folder.mkdir()
        writer = TrackWriter(session.audio_folder, "mic", MONO, rotate_s=7.0)
        writer.write((9_000 * np.sin(np.arange(240_000) / 7)).astype(np.int16).tobytes())
        writer.close()
        session.finish(30.0)
    assert store.convert(session.id, Conversion(kind)).kept == ()
    with store.open(session.id) as again:
        again.forget(10.0, 20.0)
    meeting = store.read(session.id)
    sound = meeting.audio.read("mic", 0, 99).samples
    assert len(sound) == 240_000
    assert not np.any(np.abs(sound[80_400:159_600]) > 0.004)
    assert np.any(sound[170_000:])
    assert {p.suffix for p in session.audio_folder.iterdir()} == {f".{kind}", ".json"}


@pytest.mark.parametrize("step", ["rewrite", "forget_sound", "done_forgetting"])
@pytest.mark.parametrize("finished", [True, False])
def test_what_a_dying_program_left_is_forgotten_at_the_next_start(
    store: SessionStore, monkeypatch: pytest.MonkeyPatch, step: str, *, finished: bool
) -> None:
    class KilledError(Exception):
        pass

    def die(*_arguments: object) -> None:
        raise KilledError

    with _filled(store) as session:
        if finished:
            session.finish(30.0)
        with monkeypatch.context() as patched:
            if step == "rewrite":
                patched.setattr("app.session.journal.Journal.rewrite", die)
            else:
                patched.setattr(session_module, step, die)
            with pytest.raises(KilledError):
                session.forget(10.0, 20.0)
    found = store.recover()
    assert [r.problem for r in found] == ([] if finished else [""])
    assert SECRET.encode() not in _everything(session.folder)
    meeting = store.read(session.id)
    assert [line.text for line in meeting.transcript.lines] == KEPT
    assert not np.any(meeting.audio.read("", 10.0, 20.0).samples)
    assert not (session.folder / "forget.json").exists()


def test_opening_finishes_it_too(store: SessionStore) -> None:
    with _filled(store) as session:
        session.finish(30.0)
    (session.folder / "forget.json").write_text('[{"start":10.0,"end":20.0}]')
    with store.open(session.id) as again:
        assert _lines(again) == KEPT
    assert not np.any(AudioReader(session.audio_folder).read("mic", 10.0, 20.0).samples)


def test_an_unreadable_intention_is_told_and_kept(store: SessionStore) -> None:
    with _filled(store) as session:
        session.finish(30.0)
    (session.folder / "forget.json").write_text("{")
    with pytest.raises(StorageError, match="to be forgotten"):
        store.open(session.id)
    assert (session.folder / "forget.json").exists()
    assert [r.id for r in store.recover() if r.problem] == [session.id]


def _unknown(**fields: object) -> bytes:
    body = json.dumps({"type": "mood", **fields}).encode()
    return b'%s,"crc":"%08x"}\n' % (body[:-1], zlib.crc32(body))


def test_records_of_another_version_stay_only_if_they_belong_elsewhere() -> None:
    stay = [
        _unknown(utterance=0, text="x"), _unknown(start=1.0, end=9.0), _unknown(at=21.0),
    ]  # fmt: skip
    go = [_unknown(utterance=2, text=SECRET), _unknown(start=9.0, end=11.0), _unknown(text=SECRET)]
    raw = b"".join([*map(to_line, _told()), *stay, *go])
    left = without_stretch(raw, GONE)
    assert SECRET.encode() not in left
    assert [line in left for line in stay] == [True] * 3
    assert [line in left for line in go] == [False] * 3


def test_damaged_lines_go_and_every_other_record_stays_byte_for_byte() -> None:
    before = [to_line(event) for event in SAMPLES if is_lasting(event)]
    left = without_stretch(b"".join(before) + b'{"type":"words","text":"budg', Stretch(500, 510))
    assert left == b"".join([*before, to_line(MeetingForgot(500, 510))])


@pytest.mark.parametrize("event", SAMPLES, ids=lambda e: type(e).__name__)
def test_every_event_can_be_scrubbed(event: Event) -> None:
    assert scrubbed(event, Stretch(1e6, 2e6), frozenset()) == event
