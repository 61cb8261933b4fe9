"""Services of the window that live in memory."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.errors import (
    AppError,
    DownloadCancelledError,
    DownloadError,
    MeetingMissingError,
    StorageError,
)
from app.core.events import CaptionEdited, StageChanged, StageState
from app.core.paths import Paths
from app.gui.rows import (
    DeviceRow,
    ExportFormat,
    MeetingRow,
    ModelRow,
    NameGuess,
    Obstacle,
    OpenedMeeting,
    RecoveredRow,
    SavedLine,
    Shrunk,
    Sound,
    SoundRow,
    SoundWish,
    TranslationPlan,
    VoiceRow,
    Wish,
)
from app.session.translations import LineTranslation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.core.events import Event

BASE = ModelRow("base", 145.3, "MIT", installed=True, description="Whisper base, 99 languages")
TINY = ModelRow(
    "tiny.en",
    78.1,
    "MIT",
    installed=False,
    description="Whisper tiny, English only",
    languages=("en",),
)


ZH_EN = ModelRow("argos-zh-en", 85.0, "CC-BY-4.0", installed=True, pair=("zh", "en"))
EN_KO = ModelRow("argos-en-ko", 100.0, "CC-BY-4.0", installed=False, pair=("en", "ko"))
NLLB = ModelRow(
    "nllb-600M",
    2500.0,
    "CC-BY-NC-4.0",
    installed=False,
    description="NLLB-200, 200 languages",
    conditions="Only for purposes that are not commercial.",
)
VOICES = ModelRow("voices", 34.3, "MIT", installed=True, description="Tells speakers apart")


SOURCES = ("mic", "system")


class FakeMeetings:
    """Meetings in memory; `refuse` is raised by whatever changes one."""

    def __init__(self, root: Path, opened: Sequence[OpenedMeeting] = ()) -> None:
        self.root = root
        self.kept = {meeting.row.id: meeting for meeting in opened}
        self.recovered: list[RecoveredRow] = []
        self.refuse: StorageError | None = None
        self.exports: list[tuple[str, str, Path]] = []
        self.changes: list[tuple[str, ...]] = []
        self.told: list[Event] = []
        self.found = threading.Event()
        self.texts: list[str] = []
        self.pair_missing: AppError | None = None
        self.free = 50_000_000_000
        self.busy: AppError | None = None
        self.shrunk = threading.Event()
        self.shrunk.set()
        self.shrinks: list[Shrunk] = []
        self.left: list[str] = []

    def rows(self) -> list[MeetingRow]:
        oldest = datetime.fromtimestamp(0, UTC)
        rows = [meeting.row for meeting in self.kept.values()]
        return sorted(rows, key=lambda row: row.started or oldest, reverse=True)

    def read(self, meeting: str) -> OpenedMeeting:
        if meeting not in self.kept:
            raise MeetingMissingError(f"There is no meeting {meeting!r}")
        return self.kept[meeting]

    def edit(self, meeting: str, utterance: int, text: str) -> None:
        opened = self._changed("edit", meeting, str(utterance), text)
        lines = [
            replace(line, text=text, edited=True) if line.utterance == utterance else line
            for line in opened.lines
        ]
        self.kept[meeting] = replace(opened, lines=tuple(lines))

    def rename(self, meeting: str, title: str) -> None:
        opened = self._changed("rename", meeting, title)
        self.kept[meeting] = replace(opened, row=replace(opened.row, title=title))

    def delete(self, meeting: str) -> None:
        self._changed("delete", meeting)
        del self.kept[meeting]

    def save_notes(self, meeting: str, markdown: str) -> None:
        opened = self._changed("notes", meeting, markdown)
        self.kept[meeting] = replace(opened, notes=markdown)

    def folder(self, meeting: str) -> Path:
        return self.root / meeting

    def recover(self) -> list[RecoveredRow]:
        return self.recovered

    def free_bytes(self) -> int:
        return self.free

    def forget(self, meeting: str, start: float, end: float) -> None:
        opened = self._changed("forget", meeting, f"{start:g}", f"{end:g}")
        lines = [line for line in opened.lines if not start <= line.start < end]
        self.kept[meeting] = replace(opened, lines=tuple(lines))

    def shrink(
        self,
        meeting: str,
        to: str,
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> Shrunk:
        if self.busy:
            raise self.busy
        self.changes.append(("shrink", meeting, to))
        progress(0.5)
        while not self.shrunk.wait(0.01):
            if cancelled():
                self.changes.append(("cancelled", meeting))
                return Shrunk.LATER
        return self.shrinks.pop(0) if self.shrinks else Shrunk.DONE

    def large(self) -> list[str]:
        return self.left

    def export(self, meeting: str, format_name: str, path: Path, text: str = "") -> None:
        if self.refuse is not None:
            raise self.refuse
        path.write_text(f"{meeting} as {format_name}", encoding="utf-8")
        self.exports.append((meeting, format_name, path))
        self.texts.append(text)

    def translate(
        self,
        meeting: str,
        targets: tuple[str, ...],
        engine: str,
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> int:
        self._changed("translate", meeting, *targets, engine)
        if self.pair_missing is not None:
            raise self.pair_missing
        progress(0.5)
        while not self.found.wait(0.01):
            if cancelled():
                return 0
        lines = self.kept[meeting].lines
        done = tuple(LineTranslation(code, f"in {code}", final=True) for code in targets)
        new = tuple(replace(line, translations=done) for line in lines)
        self.kept[meeting] = replace(self.kept[meeting], lines=new)
        return sum(a != b for a, b in zip(lines, new, strict=True))

    def transcribe(self, meeting: str, model: str, cancelled: Callable[[], bool]) -> bool:
        opened = self._changed("transcribe", meeting, model)
        if opened.lines:
            return False
        self.kept[meeting] = replace(opened, lines=(SavedLine(0, 0.0, "Found later"),))
        return True

    def tell(self, meeting: str, event: Event) -> None:
        self._changed("tell", meeting, repr(event))
        self.told.append(event)

    def find_speakers(
        self,
        meeting: str,
        engine: str,
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> bool:
        self._changed("speakers", meeting, engine)
        progress(0.5)
        while not self.found.wait(0.01):
            if cancelled():
                return False
        lines = [
            replace(line, speakers=(n % 2,)) for n, line in enumerate(self.kept[meeting].lines)
        ]
        self.kept[meeting] = replace(self.kept[meeting], lines=tuple(lines))
        return True

    def _changed(self, verb: str, meeting: str, *what: str) -> OpenedMeeting:
        if self.refuse is not None:
            raise self.refuse
        self.changes.append((verb, meeting, *what))
        return self.read(meeting)


class FakeModels:
    """Models in memory. A pull ends when `arrived` is set, in failure if `problem` is."""

    def __init__(self, rows: Sequence[ModelRow]) -> None:
        self.all = list(rows)
        self.speakers = VOICES
        self.arrived = threading.Event()
        self.problem: DownloadError | None = None
        self.pairs = [ZH_EN, EN_KO, NLLB]
        self.stuck: AppError | None = None

    def rows(self) -> list[ModelRow]:
        return list(self.all)

    def voices(self) -> ModelRow:
        return self.speakers

    def pull(
        self,
        name: str,
        progress: Callable[[float, float], object],
        cancelled: Callable[[], bool],
    ) -> None:
        progress(50e6, 145e6)
        while not self.arrived.wait(0.01):
            if cancelled():
                raise DownloadCancelledError("The download was cancelled")
        if self.problem is not None:
            raise self.problem
        self.all = [replace(r, installed=r.installed or r.name == name) for r in self.all]
        self.pairs = [replace(r, installed=r.installed or r.name == name) for r in self.pairs]

    def translations(self) -> list[ModelRow]:
        return sorted(self.pairs, key=lambda row: not row.installed)

    def remove(self, name: str) -> None:
        if self.stuck is not None:
            raise self.stuck
        self.all = [replace(r, installed=r.installed and r.name != name) for r in self.all]
        self.pairs = [replace(r, installed=r.installed and r.name != name) for r in self.pairs]


class FakeTranslators:
    """Translates from Chinese into English; into Korean once the package is there."""

    def __init__(self, models: FakeModels) -> None:
        self._models = models
        self.plans: list[TranslationPlan] = []

    def languages(self, engine: str) -> list[str]:
        return ["en"] if engine == "whisper" else ["en", "ko", "zh", "zu"]

    def obstacles(self, plan: TranslationPlan) -> list[Obstacle]:
        self.plans.append(plan)
        installed = {row.pair[1] for row in self._models.pairs if row.installed and row.pair}
        missing = [target for target in plan.targets if target not in installed]
        package = {row.pair[1]: row for row in self._models.pairs if row.pair}
        return [
            Obstacle(
                target,
                f"Nothing translates into {target}",
                "Choose another engine.",
                (package[target],) if target in package else (),
            )
            for target in missing
        ]


class FakeVoices:
    """Voices in memory. `problem` is raised when one is played or guessed."""

    def __init__(self) -> None:
        self.kept: list[VoiceRow] = []
        self.calls: list[tuple[object, ...]] = []
        self.suggestion: NameGuess | None = None
        self.problem: AppError | None = None
        self.may_end = threading.Event()
        self.may_end.set()

    def play(self, meeting: str, speaker: int, cancelled: Callable[[], bool]) -> None:
        self.calls.append(("play", meeting, speaker))
        if self.problem is not None:
            raise self.problem
        while not self.may_end.wait(0.01):
            if cancelled():
                self.calls.append(("cancelled",))
                return

    def guess(self, meeting: str, speaker: int) -> NameGuess | None:
        self.calls.append(("guess", meeting, speaker))
        return self.suggestion

    def learn(self, meeting: str, speaker: int | None = None) -> None:
        self.calls.append(("learn", meeting, speaker))

    def rows(self) -> list[VoiceRow]:
        return list(self.kept)

    def remove(self, name: str) -> None:
        self.kept = [row for row in self.kept if row.name != name]

    def clear(self) -> None:
        self.kept = []


class FakeSounds:
    """Sources that were recorded as the test says."""

    def __init__(self) -> None:
        self.rows = {name: SoundRow(name, Sound.FINE, -12.0, clip=name) for name in SOURCES}
        self.calls: list[tuple[str, ...]] = []
        self.may_end = threading.Event()
        self.may_end.set()
        self.problem: AppError | None = None

    def check(
        self, wishes: Sequence[SoundWish], level: Callable[[str, float], object]
    ) -> list[SoundRow]:
        for wish in wishes:
            self.calls.append(("check", wish.source, wish.device))
            level(wish.source, -20.0)
        self.may_end.wait()
        return [self.rows[wish.source] for wish in wishes]

    def play(self, row: SoundRow, cancelled: Callable[[], bool]) -> None:
        self.calls.append(("play", row.source))
        if self.problem is not None:
            raise self.problem


class FakeLive:
    """A meeting whose events the test makes."""

    def __init__(self, wish: Wish, publish: Callable[[Event], object], id_: str) -> None:
        self.wish = wish
        self.publish = publish
        self.calls: list[str] = []
        self.problem: Exception | None = None
        self.refuse: AppError | None = None
        self.may_stop = threading.Event()
        self.may_stop.set()
        self.on_stop: Callable[[], object] = lambda: None
        self._id = id_

    @property
    def id(self) -> str:
        return self._id

    def start(self) -> None:
        self.calls.append("start")
        if self.problem is not None:
            raise self.problem
        self.publish(StageChanged("recorder", StageState.RUNNING))

    def pause(self) -> None:
        self.calls.append("pause")

    def resume(self) -> None:
        self.calls.append("resume")

    def stop(self) -> None:
        self.may_stop.wait()
        self.calls.append("stop")
        self.on_stop()

    def edit(self, utterance: int, text: str) -> None:
        self.calls.append(f"edit {utterance} {text}")
        self.publish(CaptionEdited(utterance, text))

    def forget(self, seconds: float) -> None:
        if self.refuse is not None:
            raise self.refuse
        self.calls.append(f"forget {seconds:g}")

    def rename(self, title: str) -> None:
        self.calls.append(f"rename {title}")

    def tell(self, event: Event) -> None:
        self.calls.append(f"tell {event}")

    def translate_to(self, targets: tuple[str, ...]) -> None:
        if self.refuse is not None:
            raise self.refuse
        self.calls.append(f"translate to {','.join(targets)}")


@dataclass
class FakeServices:
    """Everything outside the window. `lives` has the meetings that were started."""

    paths: Paths
    meetings: FakeMeetings
    models: FakeModels
    found: dict[str, list[DeviceRow]] = field(
        default_factory=lambda: {
            "mic": [DeviceRow("usb", "USB Microphone")],
            "system": [DeviceRow("speaker", "Speakers")],
        }
    )
    lives: list[FakeLive] = field(default_factory=list)
    problem: Exception | None = None
    slow_stop: bool = False
    voices: FakeVoices = field(default_factory=FakeVoices)
    sounds: FakeSounds = field(default_factory=FakeSounds)

    def __post_init__(self) -> None:
        self.translators = FakeTranslators(self.models)

    def devices(self, source: str) -> list[DeviceRow]:
        return self.found[source]

    def formats(self) -> list[ExportFormat]:
        return [ExportFormat(name, f".{name}") for name in ("json", "srt", "vtt", "txt")]

    def processor(self, model: str) -> str:
        return f"the CPU (int8), because {model} is small"

    def live(self, wish: Wish, publish: Callable[[Event], object]) -> FakeLive:
        live = FakeLive(wish, publish, wish.resume or f"live-{len(self.lives)}")
        live.problem = self.problem
        if self.slow_stop:
            live.may_stop.clear()
        now = datetime.now().astimezone()
        row = MeetingRow(live.id, wish.title, now, 5.0)
        opened = OpenedMeeting(row, (SavedLine(0, 0.5, "What was saved"),), "", Path(live.id))

        def keep() -> None:
            notes = self.meetings.kept.get(live.id, opened).notes
            self.meetings.kept[live.id] = replace(opened, notes=notes)

        if self.problem is None and not wish.resume:
            self.meetings.kept[live.id] = replace(opened, lines=())
        live.on_stop = keep
        self.lives.append(live)
        return live


def opened(
    id_: str, title: str, *texts: str, notes: str = "", days_ago: float = 0.0
) -> OpenedMeeting:
    """A saved meeting with a line for each text."""
    started = datetime.now().astimezone() - timedelta(days=days_ago)
    row = MeetingRow(id_, title, started, 60.0 * max(1, len(texts)))
    lines = tuple(SavedLine(i, i * 4.0, text) for i, text in enumerate(texts))
    return OpenedMeeting(row, lines, notes, Path(id_))


def fake_services(folder: Path, *meetings: OpenedMeeting) -> FakeServices:
    paths = Paths(folder / "data", folder / "models")
    return FakeServices(paths, FakeMeetings(paths.meetings, meetings), FakeModels([BASE, TINY]))
