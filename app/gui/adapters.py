"""The real services: meetings on disk, the model store, devices, live meetings.

Everything heavy is imported when it is first used, and that is never before the window is shown.
"""

from __future__ import annotations

import contextlib
import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from app.gui.live_adapter import LiveAdapter
from app.gui.meetings_adapter import StoredMeetings
from app.gui.model_adapter import StoredModels
from app.gui.rows import DeviceRow, ExportFormat
from app.gui.sound_adapter import RealSounds
from app.gui.translation_adapter import StoredTranslators, wish_for
from app.gui.turns import Turns
from app.gui.voice_adapter import StoredVoices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.core.events import Event
    from app.core.paths import Paths
    from app.gui.rows import Wish
    from app.gui.services import Live, Meetings, Models, Sounds, Translators, Voices
    from app.pipeline.runner import ThreadHost


class RealServices:
    """`Services` of the program."""

    def __init__(self, paths: Paths, host: ThreadHost) -> None:
        self._paths = paths
        self._host = host
        self._turns = Turns()
        self._meetings = StoredMeetings(paths, self._turns)
        self._models = StoredModels(paths.models)
        self._voices = StoredVoices(paths)
        self._translators = StoredTranslators(paths)
        self._sounds = RealSounds()
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

    @property
    def sounds(self) -> Sounds:
        return self._sounds

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
        from app.live import LiveMeeting
        from app.meeting import BOTH, MeetingRequest
        from app.speech.transcribe.decoding import Decoding

        request = MeetingRequest(
            source=BOTH if wish.source == "both" else wish.source,
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
            system_device=wish.system_device,
            own_voice=wish.own_voice,
            resume=wish.resume,
        )
        possible = partial(
            self._translators.possible, engine=wish.translator, spoken=request.spoken
        )
        translation = wish_for(self._paths, possible(wish.targets), wish.translator)
        request = replace(request, translation=translation)
        meeting = LiveMeeting(request, self._paths, self._host, publish)
        with self._sound:
            self._recording += 1
        return LiveAdapter(meeting, self._starting(wish.resume), self._on_ended, possible)

    @contextlib.contextmanager
    def _starting(self, meeting: str) -> Iterator[None]:
        """Nobody looks for devices, or works on the meeting that is to go on."""
        with self._turns.wanted(meeting), self._sound:
            yield

    def _on_ended(self) -> None:
        with self._sound:
            self._recording -= 1
