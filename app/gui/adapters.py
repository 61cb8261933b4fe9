"""The real services: meetings on disk, the model store, devices, live meetings.

Everything heavy is imported when it is first used, and that is never before the window is shown.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from app.core.events import AudioGap, CaptionEdited
from app.gui.live_adapter import LiveAdapter
from app.gui.services import (
    DeviceRow,
    ExportFormat,
    MarkKind,
    MeetingRow,
    MeetingState,
    ModelRow,
    OpenedMeeting,
    RecoveredRow,
    SavedLine,
    SavedMark,
)
from app.gui.translation_adapter import (
    StoredTranslators,
    pulled,
    spoken_languages,
    translation_rows,
    wish_for,
)
from app.gui.voice_adapter import StoredVoices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from app.core.events import Event
    from app.core.paths import Paths
    from app.gui.services import Live, Meetings, Models, Translators, Voices, Wish
    from app.modelstore.store import InstalledModel, ModelStore
    from app.pipeline.runner import ThreadHost
    from app.session.store import Meeting, MeetingSummary, SessionStore
    from app.session.transcript import Line, Transcript

MEGABYTE = 1_000_000


class StoredMeetings:
    """`Meetings` over the folder of all meetings."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._root = paths.meetings

    def _store(self) -> SessionStore:
        from app.session.store import SessionStore

        return SessionStore(self._root)

    def rows(self) -> list[MeetingRow]:
        return [_row_of_summary(summary) for summary in self._store().list()]

    def read(self, meeting: str) -> OpenedMeeting:
        return _opened(self._store().read(meeting))

    def edit(self, meeting: str, utterance: int, text: str) -> None:
        with self._store().open(meeting) as session:
            session.record(CaptionEdited(utterance, text))

    def rename(self, meeting: str, title: str) -> None:
        with self._store().open(meeting) as session:
            session.rename(title)

    def tell(self, meeting: str, event: Event) -> None:
        with self._store().open(meeting) as session:
            session.record(event)

    def find_speakers(
        self,
        meeting: str,
        engine: str,
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> bool:
        from app.core.settings import load_settings
        from app.diarization import (
            SpeakerWish,
            keep_turns,
            locate_engine,
            offline_diarizer_for,
            whole_turns,
        )

        number = load_settings(self._paths.settings).settings.speakers.number
        wish = SpeakerWish(engine, number, number)
        locate_engine(wish, self._paths)
        diarizer = offline_diarizer_for(wish, self._paths)
        turns = whole_turns(self._store().read(meeting).audio, diarizer, progress, cancelled)
        if turns is None:
            return False
        with self._store().open(meeting) as session:
            keep_turns(session, turns)
        return True

    def delete(self, meeting: str) -> None:
        self._store().delete(meeting)

    def save_notes(self, meeting: str, markdown: str) -> None:
        from app.notes.notes import save_notes

        save_notes(self.folder(meeting), markdown)

    def folder(self, meeting: str) -> Path:
        return self._root / meeting

    def recover(self) -> list[RecoveredRow]:
        return [RecoveredRow(r.title or r.id, r.problem, r.hint) for r in self._store().recover()]

    def export(self, meeting: str, format_name: str, path: Path, text: str = "") -> None:
        from app.export import FORMATS, document_of, write_export

        document = document_of(self._store().read(meeting)).told_in(text)
        write_export(path, FORMATS[format_name].render(document))

    def translate(
        self,
        meeting: str,
        targets: tuple[str, ...],
        engine: str,
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> int:
        from app.translation import SavedTranslation

        wish = wish_for(self._paths, targets, engine)
        with self._store().open(meeting) as session:
            return len(SavedTranslation(session, wish, self._paths).run(progress, cancelled))

    def transcribe(self, meeting: str, model: str, cancelled: Callable[[], bool]) -> bool:
        from app.catchup import LateRecognition, LateWish, missing_stretches

        with self._store().open(meeting) as session:
            late = LateRecognition(session, self._paths, LateWish(model), cancelled)
            stretches = missing_stretches(session)
            for start, end in stretches:
                late.recognise(start, end)
            return bool(stretches)


def _row_of_summary(summary: MeetingSummary) -> MeetingRow:
    states = {
        "complete": MeetingState.COMPLETE,
        "running": MeetingState.RECORDING,
        "interrupted": MeetingState.INTERRUPTED,
        "damaged": MeetingState.DAMAGED,
    }
    return MeetingRow(
        summary.id,
        summary.title or summary.id,
        summary.started,
        summary.duration_s,
        states[summary.state.value],
    )


def _opened(meeting: Meeting) -> OpenedMeeting:
    info = meeting.info
    lines = tuple(
        SavedLine(
            *(line.utterance, line.start, line.text, line.edited, line.speakers, line.part),
            span=_span(line),
            translations=line.translations,
        )
        for line in meeting.transcript.lines
    )
    row = MeetingRow(info.id, info.title or info.id, info.started, info.duration_s)
    marks = tuple(_marks(meeting.transcript))
    falls = len(meeting.transcript.falls)
    names = {who.number: who.name for who in meeting.transcript.speakers if who.name}
    spoken = spoken_languages(meeting)
    return OpenedMeeting(row, lines, meeting.notes, meeting.folder, marks, falls, names, spoken)


def _span(line: Line) -> tuple[float, float] | None:
    return (line.words[0].start, line.words[-1].end) if line.words else None


def _marks(transcript: Transcript) -> Iterator[SavedMark]:
    for gap in transcript.gaps:
        kind = MarkKind.LOST if isinstance(gap, AudioGap) else MarkKind.SKIPPED
        yield SavedMark(kind, gap.start, gap.end)
    for part in transcript.caught_up:
        yield SavedMark(MarkKind.CAUGHT_UP, part.start, part.end)


class StoredModels:
    """`Models` over the model store."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _store(self) -> ModelStore:
        from app.modelstore.store import ModelStore

        return ModelStore(self._folder)

    def rows(self) -> list[ModelRow]:
        store = self._store()
        known = {m.name: m for m in store.known() if m.kind == "speech"}
        installed = {m.name: m for m in store.installed() if m.complete and m.kind == "speech"}
        rows = [_installed_row(m, known[n].license if n in known else "")
                for n, m in installed.items()]  # fmt: skip
        rows += [
            ModelRow(
                manifest.name,
                manifest.size / MEGABYTE,
                manifest.license,
                installed=False,
                description=manifest.title,
                languages=() if manifest.multilingual else ("en",),
            )
            for name, manifest in known.items()
            if name not in installed
        ]
        return rows

    def voices(self) -> ModelRow:
        from app.modelstore.manifest import VOICES

        there = any(m.name == VOICES.name and m.complete for m in self._store().installed())
        return ModelRow(
            *(VOICES.name, VOICES.size / MEGABYTE, VOICES.license),
            installed=there,
            description=VOICES.title,
        )

    def pull(
        self,
        name: str,
        progress: Callable[[float, float], object],
        cancelled: Callable[[], bool],
    ) -> None:
        pulled(self._folder, name, progress, cancelled)

    def translations(self) -> list[ModelRow]:
        return translation_rows(self._folder)

    def remove(self, name: str) -> None:
        self._store().remove(name)


def _installed_row(model: InstalledModel, licence: str) -> ModelRow:
    return ModelRow(
        model.name,
        model.size / MEGABYTE,
        licence,
        installed=True,
        languages=() if model.multilingual else ("en",),
    )


class RealServices:
    """`Services` of the program."""

    def __init__(self, paths: Paths, host: ThreadHost) -> None:
        self._paths = paths
        self._host = host
        self._meetings = StoredMeetings(paths)
        self._models = StoredModels(paths.models)
        self._voices = StoredVoices(paths)
        self._translators = StoredTranslators(paths)
        self._sound = threading.Lock()
        self._recording = 0
        self._devices: dict[str, list[DeviceRow]] = {}

    @property
    def paths(self) -> Paths:
        return self._paths

    @property
    def meetings(self) -> Meetings:
        return self._meetings

    @property
    def models(self) -> Models:
        return self._models

    @property
    def voices(self) -> Voices:
        return self._voices

    @property
    def translators(self) -> Translators:
        return self._translators

    def devices(self, source: str) -> list[DeviceRow]:
        """Looking for devices restarts the audio library, so never while it records."""
        with self._sound:
            if not self._recording:
                self._look_for_devices()
            return self._devices.get(source, [])

    def _look_for_devices(self) -> None:
        from app.capture.devices import input_devices

        report = input_devices()
        kinds: tuple[Literal["mic", "system"], ...] = ("mic", "system")
        self._devices = {
            kind: [DeviceRow(device.id, device.name) for device in report.of_kind(kind)]
            for kind in kinds
        }

    def formats(self) -> list[ExportFormat]:
        from app.export import FORMATS

        return [ExportFormat(found.name, found.suffix) for found in FORMATS.values()]

    def processor(self, model: str) -> str:
        from app.speech.transcribe.hardware import device_for

        return str(device_for(self._paths.data, model))

    def live(self, wish: Wish, publish: Callable[[Event], object]) -> Live:
        from app.diarization import SpeakerWish
        from app.live import LiveMeeting, MeetingRequest
        from app.speech.transcribe.decoding import Decoding

        request = MeetingRequest(
            source=wish.source,
            device=wish.device,
            model=wish.model,
            language=wish.language,
            title=wish.title,
            threads=wish.threads,
            policy=wish.policy,
            decoding=Decoding(preset=wish.preset),
            translate=wish.translate,
            vocabulary=wish.vocabulary,
            speakers=SpeakerWish(wish.engine, wish.speakers, wish.speakers),
        )
        possible = partial(
            self._translators.possible, engine=wish.translator, spoken=request.spoken
        )
        translation = wish_for(self._paths, possible(wish.targets), wish.translator)
        request = replace(request, translation=translation)
        meeting = LiveMeeting(request, self._paths, self._host, publish)
        with self._sound:
            self._recording += 1
        return LiveAdapter(meeting, self._sound, self._on_ended, possible)

    def _on_ended(self) -> None:
        with self._sound:
            self._recording -= 1
