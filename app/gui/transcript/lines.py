"""The lines of a transcript on the screen: what each event changes, and nothing else."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from app.core.events import (
    AudioGap,
    CaptionEdited,
    DeviceChanged,
    FinalCaption,
    MeetingForgot,
    OwnVoiceHeard,
    PreviewChanged,
    RecognitionCaughtUp,
    RecognitionSkipped,
    SpeakerAssigned,
    SpeakerNamed,
    SpeakersMerged,
    Translation,
    TranslationEdited,
    TurnsFound,
    WordsCommitted,
)
from app.gui.text import joined
from app.gui.transcript.line import (
    NOTES,
    Change,
    ChangeKind,
    Line,
    Note,
    as_event,
    moment_of,
    span_of,
)
from app.session.transcript import Transcript
from app.session.translations import Translations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from app.core.events import Event
    from app.gui.rows import SavedLine, SavedMark
    from app.session.translations import LineTranslation


_ROUNDING = 0.05  # seconds
_NEAR = 1.5  # seconds around turns in which words may change their speaker
_BACK = 50  # lines without a speaker, after which one is named again


class TranscriptLines:
    """Applies events to lines; each answer names the one row that a view has to touch.

    Lines are in the order in which they were spoken; one that is only a preview is the last.
    Empty lines are not shown, so they are not kept.
    """

    def __init__(self) -> None:
        self._lines: list[Line] = []
        self._by_utterance: dict[int, Line] = {}
        self._more: dict[int, list[Line]] = {}  # the second and later parts of utterances
        self._heard = Transcript()  # knows who spoke which words of a live meeting
        self._voiced = False
        self._told = Translations()
        self.names: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, row: int) -> Line:
        return self._lines[row]

    @property
    def speakers(self) -> list[int]:
        """Everybody who has a line, in the order of their numbers."""
        return sorted({who for line in self._lines for who in line.speakers})

    def label(self, row: int) -> tuple[int, ...]:
        """Who speaks from this row on; nobody if it is whoever spoke before."""
        who = self._lines[row].speakers
        earlier = reversed(self._lines[max(0, row - _BACK) : row])
        before = next((line.speakers for line in earlier if line.speakers), ())
        return () if who == before else who

    def whole_text(self, utterance: int, part: int, text: str) -> str:
        """All of an utterance, with `text` for one part of it."""
        head = self._by_utterance.get(utterance)
        parts = [head, *self._more.get(utterance, ())] if head is not None else []
        texts = [text if line.part == part else line.text.strip() for line in parts]
        return reduce(joined, texts) if texts else text

    def translations(self, row: int) -> tuple[LineTranslation, ...]:
        """What stands below a line: the last one of an utterance bears its translations."""
        line = self._lines[row]
        is_last = self._last_part(line.utterance) is line
        return self._told.of(line.utterance) if is_last and line.note is None else ()

    def stretch(self, first: int, last: int) -> tuple[float, float, int] | None:
        """From when to when (s) the spoken lines of some rows go, and how many they are."""
        rows = range(max(0, first), min(last + 1, len(self._lines)))
        lines = [self._lines[row] for row in rows]
        spoken = [line for line in lines if line.note is None and line.start is not None]
        starts = [line.start for line in spoken if line.start is not None]
        ends = [end for line in spoken if (end := line.end or (line.span or (0.0, 0.0))[1])]
        if not starts or not ends:
            return None
        return min(starts), max(ends), len(spoken)

    def _last_part(self, utterance: int) -> Line | None:
        more = self._more.get(utterance)
        return more[-1] if more else self._by_utterance.get(utterance)

    def is_split(self, utterance: int) -> bool:
        """Whether several people speak in an utterance."""
        return bool(self._more.get(utterance))

    def load(
        self,
        saved: Sequence[SavedLine],
        marks: Iterable[SavedMark] = (),
        names: Mapping[int, str] | None = None,
    ) -> None:
        """Replace everything with the lines of a saved meeting, and notes for its `marks`."""
        self._lines = [
            Line(
                *(s.utterance, s.start, s.text, "", 0, s.edited),
                speakers=s.speakers, part=s.part, span=s.span, end=s.end,
            )
            for s in saved
            if s.text.strip()
        ]  # fmt: skip
        self.names = dict(names or {})
        for number, name in self.names.items():
            self._heard.apply(SpeakerNamed(number, name))
        self._by_utterance, self._more = {}, {}
        self._told = Translations()
        for line in self._lines:
            if self._by_utterance.setdefault(line.utterance, line) is not line:
                self._more.setdefault(line.utterance, []).append(line)
        for s in saved:
            for told in s.translations:
                self._told.apply(as_event(s.utterance, told))
        for mark in sorted(marks, key=lambda mark: mark.start):
            self._insert(
                Line(
                    *(-1, mark.start, mark.text),
                    note=NOTES[mark.kind],
                    length=mark.end - mark.start,
                )
            )

    def clear(self) -> None:
        self.load(())

    def changes(self, event: Event) -> Iterator[Change]:
        """Take `event` in, with what it says about speakers.

        Each change is to be drawn before the next one is asked for, and all are to be asked for.
        """
        gone = self._reached_by(event) if isinstance(event, MeetingForgot) else []
        self._heard.apply(event)
        match event:
            case MeetingForgot():
                yield from self._forget(event, gone)
            case TurnsFound(start=start, end=end) | OwnVoiceHeard(start=start, end=end):
                self._voiced = True
                yield from self._voice_all(
                    self._heard.utterances_between(start - _NEAR, end + _NEAR)
                )
            case SpeakerNamed() | SpeakersMerged():
                self.names = self._heard.voices.named
                yield from self._voice_all(self._by_utterance)
                yield from (Change(ChangeKind.CHANGED, row) for row in range(len(self._lines)))
            case SpeakerAssigned(utterance=utterance):
                self._voiced = True
                yield from self._voice_all([utterance])
            case Translation() | TranslationEdited():
                yield from self._on_translation(event)
            case FinalCaption(utterance=utterance) | CaptionEdited(utterance=utterance):
                yield from self._unsplit(utterance)
                yield from filter(None, [self.apply(event)])
                yield from self._voice_all([utterance] if self._voiced else [])
            case _:
                yield from filter(None, [self.apply(event)])

    def _reached_by(self, gone: MeetingForgot) -> list[int]:
        """The utterances that may have been spoken in a stretch that is forgotten."""
        found = set(self._heard.utterances_between(gone.start, gone.end))
        for line in self._lines:
            end = line.end or (line.span[1] if line.span else line.start)
            if line.note is None and (
                line.start is None
                or (line.start < gone.end and end is not None and gone.start <= end)
            ):
                found.add(line.utterance)
        return sorted(found)

    def _forget(self, gone: MeetingForgot, reached: Iterable[int]) -> Iterator[Change]:
        """Of the lines that were spoken then only what was said before or after stays."""
        for utterance in reached:
            head = self._by_utterance.get(utterance)
            if head is None:
                continue
            yield from self._unsplit(utterance)
            self._told.forget(utterance)
            left = self._heard.lines_of(utterance)
            head.text = "".join(line.text for line in left)
            head.start = left[0].start if left else None
            head.preview, head.edited = "", False
            yield from filter(None, [self._place(head)])
        note = Line(-1, gone.start, note=Note.FORGOTTEN, length=gone.end - gone.start)
        yield self._insert(note)

    def _voice_all(self, utterances: Iterable[int]) -> Iterator[Change]:
        for utterance in list(utterances):
            yield from self._voice(utterance)

    def _voice(self, utterance: int) -> Iterator[Change]:
        """Show who speaks in an utterance: a line for each, once it has been spoken."""
        head = self._by_utterance.get(utterance)
        row = self._row(head) if head is not None else None
        parts = self._heard.lines_of(utterance)
        if head is None or row is None or not parts:
            return
        now = [head, *self._more.get(utterance, ())]
        if head.revision < 0:
            parts = parts[-1:]  # whoever speaks now
        if [line.speakers for line in now] == [part.speakers for part in parts] and all(
            line.text.strip() == part.text for line, part in zip(now, parts, strict=True)
        ):
            return
        yield from self._unsplit(utterance)
        head.speakers, head.span = parts[0].speakers, span_of(parts[0])
        if head.revision >= 0:
            head.text = parts[0].text
        yield Change(ChangeKind.CHANGED, row)
        for part in parts[1:]:
            row += 1
            line = Line(
                *(utterance, part.start, part.text, "", head.revision, head.edited),
                speakers=part.speakers, part=part.part, span=span_of(part),
            )  # fmt: skip
            self._lines.insert(row, line)
            self._more.setdefault(utterance, []).append(line)
            yield Change(ChangeKind.INSERTED, row)
        if parts[1:] and self._told.of(utterance):  # it was drawn below the lines before
            yield from (Change(ChangeKind.CHANGED, row - n) for n in range(1, len(parts)))
        if row + 1 < len(self._lines):  # its label may be another one now
            yield Change(ChangeKind.CHANGED, row + 1)

    def _on_translation(self, event: Translation | TranslationEdited) -> Iterator[Change]:
        last = self._last_part(event.utterance)
        if self._told.apply(event) and last is not None:
            row = self._row(last)
            if row is not None:
                yield Change(ChangeKind.CHANGED, row)

    def _unsplit(self, utterance: int) -> Iterator[Change]:
        for line in reversed(self._more.pop(utterance, [])):
            row = self._row(line)
            if row is not None:
                del self._lines[row]
                yield Change(ChangeKind.REMOVED, row)

    def apply(self, event: Event) -> Change | None:
        """What `event` changes, but for speakers; None if nothing that is shown."""
        match event:
            case WordsCommitted():
                return self._on_words(event)
            case PreviewChanged(utterance=utterance, text=text):
                return self._on_preview(utterance, text)
            case FinalCaption():
                return self._on_final(event)
            case CaptionEdited(utterance=utterance, text=text):
                return self._on_edited(utterance, text)
            case AudioGap(start=start, end=end, reason=reason):
                return self._on_note(Note.GAP, start, end, reason)
            case DeviceChanged(at=at, device=device):
                return self._on_note(Note.DEVICE, at, at, device)
            case RecognitionSkipped(start=start, end=end):
                return self._on_note(Note.SKIPPED, start, end)
            case RecognitionCaughtUp(start=start, end=end):
                return self._on_caught_up(start, end)
            case _:
                return None

    def text(self) -> str:
        """All lines with their translations, as they would be copied."""
        spoken = [row for row, line in enumerate(self._lines) if line.note is None]
        return "\n".join(
            text
            for row in spoken
            for text in (self._lines[row].text.strip(), *(t.text for t in self.translations(row)))
        )

    def _on_words(self, event: WordsCommitted) -> Change | None:
        line = self._by_utterance.get(event.utterance) or Line(event.utterance, None)
        if line.edited or line.revision >= 0:
            return None
        if line.start is None and event.words:
            line.start = event.words[0].start
        line.text += "".join(word.text for word in event.words)
        line.preview = ""
        return self._place(line)

    def _on_preview(self, utterance: int, text: str) -> Change | None:
        line = self._by_utterance.get(utterance) or Line(utterance, None)
        if line.edited or line.revision >= 0 or line.preview == text:
            return None
        line.preview = text
        return self._place(line)

    def _on_final(self, event: FinalCaption) -> Change | None:
        line = self._by_utterance.get(event.utterance) or Line(event.utterance, None)
        if line.edited or event.revision <= line.revision:
            return None
        line.start, line.text, line.preview = event.start, event.text, ""
        line.revision = event.revision
        return self._place(line)

    def _on_edited(self, utterance: int, text: str) -> Change | None:
        line = self._by_utterance.get(utterance)
        if line is None:
            return None
        line.text, line.preview, line.edited = text, "", True
        return self._place(line)

    def _on_note(self, note: Note, start: float, end: float, text: str = "") -> Change:
        last = self._lines[-1] if self._lines else None
        if last is not None and last.note is note and last.start is not None:
            last.length, last.text = max(last.length, end - last.start), text
            return Change(ChangeKind.CHANGED, len(self._lines) - 1)
        after = last.utterance if last is not None else -1
        self._lines.append(Line(after, start, text, note=note, length=end - start))
        return Change(ChangeKind.INSERTED, len(self._lines) - 1)

    def _on_caught_up(self, start: float, end: float) -> Change | None:
        """Stretches are caught up in the order of time; the last one leaves a note of another kind.

        That recognition paused here explains why the lines below it came late.
        """
        for row, line in enumerate(self._lines):
            if line.note is not Note.SKIPPED or line.start is None:
                continue
            note_end = line.start + line.length
            if start >= note_end or end <= line.start:
                continue
            if end >= note_end - _ROUNDING:
                line.note = Note.CAUGHT_UP
            else:
                line.start, line.length = end, note_end - end
            return Change(ChangeKind.CHANGED, row)
        return None

    def _place(self, line: Line) -> Change | None:
        """Say what to do on the screen, now that `line` has been changed."""
        row = self._row(line)
        if row is None:
            self._by_utterance[line.utterance] = line
            return None if line.empty else self._insert(line)
        if not line.empty:
            return Change(ChangeKind.CHANGED, row)
        del self._lines[row]
        return Change(ChangeKind.REMOVED, row)

    def _insert(self, line: Line) -> Change:
        """From the end, where it nearly always belongs; text that was caught up comes late."""
        row = len(self._lines)
        while row > 0 and moment_of(self._lines[row - 1]) > moment_of(line):
            row -= 1
        self._lines.insert(row, line)
        return Change(ChangeKind.INSERTED, row)

    def _row(self, line: Line) -> int | None:
        for row in range(len(self._lines) - 1, -1, -1):
            if self._lines[row] is line:
                return row
        return None
