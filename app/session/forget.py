"""Removing what was said in a stretch of a meeting from its journal, for good.

`forget.json` in the meeting's folder tells what is to be removed from before the first change
until after the last, so that a program that dies on the way can go on with it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, assert_never

import msgspec

from app.core.errors import StorageError
from app.core.events import (
    AudioGap,
    AudioSaved,
    CaptionEdited,
    CaptureCleared,
    CaptureDoubted,
    CaptureEnded,
    CaptureResumed,
    CaptureStalled,
    ClockJumped,
    DeviceChanged,
    Event,
    FinalCaption,
    LanguageDetected,
    LevelMeasured,
    LoadChanged,
    MeetingForgot,
    MeetingPaused,
    MeetingResumed,
    MeetingStarted,
    OwnVoiceHeard,
    PreviewChanged,
    RecognitionCaughtUp,
    RecognitionSkipped,
    RunMeasured,
    SpaceMeasured,
    SpeakerAssigned,
    SpeakerNamed,
    SpeakersMerged,
    SpeakerTurn,
    StageChanged,
    Translation,
    TranslationEdited,
    TurnsFound,
    Word,
    WordsCommitted,
)
from app.core.paths import write_atomically
from app.session.erase import erase_sound
from app.session.files import AUDIO, FORGET, JOURNAL, storage_failure, sync_folder
from app.session.journal import Record, read_records, records_of, to_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start` to `end`, in seconds of the meeting."""

    start: float
    end: float

    def meets(self, start: float, end: float) -> bool:
        return start < self.end and self.start < end

    def without(self, words: Iterable[Word]) -> tuple[Word, ...]:
        return tuple(word for word in words if not self.meets(word.start, word.end))


def scrubbed(event: Event, gone: Stretch, touched: frozenset[int]) -> Event | None:
    """`event` without what was said in `gone`; None if nothing of it is left.

    `touched` are the utterances some of which was said then: what people or machines wrote about
    them as a whole goes with them.
    """
    match event:
        case WordsCommitted():
            words = gone.without(event.words)
            return replace(event, words=words) if words else None
        case FinalCaption():
            return _shorter(event, gone)
        case (
            CaptionEdited() | Translation() | TranslationEdited() | PreviewChanged()
        ):  # fmt: skip
            return None if event.utterance in touched else event
        case TurnsFound():
            return replace(event, turns=tuple(_turns_outside(event.turns, gone)))
        case OwnVoiceHeard():
            return _voice_outside(event, gone)
        case (
            LanguageDetected() | SpeakerNamed() | SpeakersMerged() | SpeakerAssigned()
            | LevelMeasured() | AudioSaved() | AudioGap() | RecognitionSkipped()
            | RecognitionCaughtUp() | LoadChanged() | CaptureStalled() | CaptureResumed()
            | CaptureEnded() | MeetingStarted() | MeetingPaused() | MeetingResumed()
            | DeviceChanged() | CaptureDoubted() | CaptureCleared() | ClockJumped()
            | SpaceMeasured() | MeetingForgot() | StageChanged() | RunMeasured()
        ):  # fmt: skip
            return event  # nothing that was said
        case _:
            assert_never(event)


def _shorter(caption: FinalCaption, gone: Stretch) -> FinalCaption | None:
    if not gone.meets(caption.start, caption.end) and gone.without(caption.words) == caption.words:
        return caption
    words = gone.without(caption.words)
    if not words:
        return None
    text = "".join(word.text for word in words).strip()
    start, end = words[0].start, max(word.end for word in words)
    return replace(caption, words=words, text=text, start=start, end=end, original="")


def _turns_outside(turns: Iterable[SpeakerTurn], gone: Stretch) -> Iterator[SpeakerTurn]:
    for turn in turns:
        if not gone.meets(turn.start, turn.end):
            yield turn
            continue
        if turn.start < gone.start:
            yield SpeakerTurn(turn.start, gone.start, turn.speaker)
        if gone.end < turn.end:
            yield SpeakerTurn(gone.end, turn.end, turn.speaker)


def _voice_outside(voice: OwnVoiceHeard, gone: Stretch) -> OwnVoiceHeard | None:
    """What is left of one that lies on both sides is the longer end."""
    if not gone.meets(voice.start, voice.end):
        return voice
    before, after = gone.start - voice.start, voice.end - gone.end
    if max(before, after) <= 0:
        return None
    if before >= after:
        return OwnVoiceHeard(voice.start, gone.start)
    return OwnVoiceHeard(gone.end, voice.end)


def touched_by(event: Event, gone: Stretch) -> int | None:
    """The utterance that `event` shows to have been spoken in `gone`, if it is about one."""
    match event:
        case WordsCommitted():
            met = any(gone.meets(word.start, word.end) for word in event.words)
        case FinalCaption():
            met = gone.meets(event.start, event.end) or any(
                gone.meets(word.start, word.end) for word in event.words
            )
        case _:
            return None
    return event.utterance if met else None


def without_stretch(raw: bytes, gone: Stretch) -> bytes:
    """The journal `raw` as if nothing had been said in `gone`, and a record that it was forgotten.

    Damaged lines go, as nobody knows when they were said. Records of other versions stay only if
    they tell that they belong elsewhere.
    """
    gone_with = _utterances_gone(raw, gone)
    forgot = to_line(MeetingForgot(gone.start, gone.end))
    lines = (_line(record, gone, gone_with) for record in records_of(raw))
    kept = b"".join(line for line in lines if line is not None)
    return kept if forgot in raw else kept + forgot


def _utterances_gone(raw: bytes, gone: Stretch) -> frozenset[int]:
    """Utterances that were spoken in `gone`, and those of which nobody knows when they were.

    Read one record at a time: all of a long meeting's at once take memory that Python then keeps.
    """
    touched: set[int] = set()
    placed: set[int] = set()
    written: set[int] = set()
    for record in records_of(raw):
        event = record.event
        if isinstance(event, WordsCommitted | FinalCaption):
            placed.add(event.utterance)
            if touched_by(event, gone) is not None:
                touched.add(event.utterance)
        elif isinstance(event, CaptionEdited | Translation | TranslationEdited):
            written.add(event.utterance)
    return frozenset(touched | (written - placed))


def _line(record: Record, gone: Stretch, touched: frozenset[int]) -> bytes | None:
    if record.event is None:
        return record.line if _is_elsewhere(record.fields, gone, touched) else None
    event = scrubbed(record.event, gone, touched)
    if event is record.event or event == record.event:
        return record.line
    return None if event is None else to_line(event)


def _is_elsewhere(fields: dict[str, Any], gone: Stretch, touched: frozenset[int]) -> bool:
    """Whether a record of an unknown kind says that it is about another time."""
    if fields.get("type") == "format":
        return True
    if "utterance" in fields:
        return fields["utterance"] not in touched
    start = fields.get("start", fields.get("at"))
    end = fields.get("end", start)
    if not (isinstance(start, int | float) and isinstance(end, int | float)):
        return False
    return not gone.meets(start, end) and not gone.start <= start < gone.end


def intend(folder: Path, gone: Stretch) -> None:
    """Note durably that `gone` is to be removed from the meeting in `folder`."""
    waiting = [*intended(folder), gone]
    try:
        write_atomically(folder / FORGET, json.dumps(msgspec.to_builtins(waiting)).encode())
        sync_folder(folder)
    except OSError as exc:
        raise storage_failure("The meeting cannot be changed", exc) from exc


def intended(folder: Path) -> list[Stretch]:
    """What is still to be removed; raises StorageError if that cannot be read."""
    try:
        return msgspec.convert(json.loads((folder / FORGET).read_bytes()), list[Stretch])
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as exc:
        raise StorageError(f"What is to be forgotten in {folder.name} cannot be read") from exc


def forget_sound(folder: Path, gone: Stretch) -> None:
    """Silence the stretch in all files, and remove everything that was set aside as damaged."""
    try:
        for path in [*folder.glob("*.damaged*"), *folder.glob(f".{JOURNAL}.*")]:
            path.unlink()
    except OSError as exc:
        raise storage_failure("The meeting cannot be changed", exc) from exc
    if (folder / AUDIO).exists():
        erase_sound(folder / AUDIO, gone.start, gone.end)


def done_forgetting(folder: Path) -> None:
    """Everything that was intended has been removed."""
    try:
        (folder / FORGET).unlink(missing_ok=True)
        sync_folder(folder)
    except OSError as exc:
        raise storage_failure("The meeting cannot be changed", exc) from exc


def go_on_forgetting(folder: Path) -> None:
    """Finish what a program that died had begun to remove; the caller holds the lock.

    Raises StorageError; nothing of it is lost from sight then.
    """
    for gone in intended(folder):
        raw = read_records(folder / JOURNAL)
        try:
            write_atomically(folder / JOURNAL, without_stretch(raw, gone))
        except OSError as exc:
            raise storage_failure("The meeting cannot be changed", exc) from exc
        forget_sound(folder, gone)
    done_forgetting(folder)
