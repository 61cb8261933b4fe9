"""Everything outside the window."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.paths import Paths
from app.gui.rows import DeviceRow, ExportFormat, MeetingRow, OpenedMeeting, SavedLine, Wish
from tests.fakes.window.live import FakeLive
from tests.fakes.window.meetings import FakeMeetings
from tests.fakes.window.models import BASE, TINY, FakeModels
from tests.fakes.window.sounds import FakeSounds
from tests.fakes.window.translators import FakeTranslators
from tests.fakes.window.voices import FakeVoices

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.events import Event


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


def fake_services(folder: Path, *meetings: OpenedMeeting) -> FakeServices:
    paths = Paths(folder / "data", folder / "models")
    return FakeServices(paths, FakeMeetings(paths.meetings, meetings), FakeModels([BASE, TINY]))
