"""What a user can choose: frozen dataclasses by topic, title and range beside each field."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from app.core.errors import StorageError
from app.core.paths import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 1


@dataclass(frozen=True, slots=True)
class Range:
    """What a field may hold: a closed interval of numbers, or one of `choices`."""

    title: str
    low: float | None = None
    high: float | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()

    def allows(self, value: object) -> bool:
        if self.choices:
            return value in self.choices
        if isinstance(value, int | float) and not isinstance(value, bool):
            return (self.low is None or value >= self.low) and (
                self.high is None or value <= self.high
            )
        return True


def _setting(title: str, *, default: Any, **limits: Any) -> Any:
    return field(default=default, metadata={"range": Range(title, **limits)})


@dataclass(frozen=True, slots=True)
class CaptureSettings:
    source: str = _setting("Record from", default="mic", choices=("mic", "system", "both"))
    device: str = _setting("Device (empty: the system's default)", default="")
    system_device: str = _setting(
        "Output to record with the microphone (empty: the system's default)", default=""
    )


@dataclass(frozen=True, slots=True)
class RecordingSettings:
    compress: str = _setting(
        "Make recordings smaller after a meeting (off: keep WAV)",
        default="flac",
        choices=("flac", "opus", "off"),
    )


@dataclass(frozen=True, slots=True)
class RecognitionSettings:
    model: str = _setting("Model", default="base")
    language: str = _setting("Spoken language", default="auto")
    task: str = _setting(
        "Written language", default="transcribe", choices=("transcribe", "translate")
    )
    threads: int = _setting("Decoding threads", default=1, low=1, high=16)
    preset: str = _setting(
        "Speed or quality",
        default="auto",
        choices=("auto", "ultra-fast", "balanced", "accurate"),
    )
    policy: str = _setting(
        "Words appear",
        default="alignatt",
        choices=("alignatt", "local-agreement", "offline"),
    )


@dataclass(frozen=True, slots=True)
class SpeakerSettings:
    engine: str = _setting(
        "Tell speakers apart", default="off", choices=("off", "embedded", "sortformer")
    )
    number: int = _setting("Number of speakers (0: unknown)", default=0, low=0, high=50)
    final_pass: bool = _setting("Look again when a meeting ends", default=True)
    own_voice: bool = _setting(
        "Call who speaks into my microphone You, when the system is recorded too", default=True
    )
    profiles: bool = _setting("Remember voices that I name", default=False)


@dataclass(frozen=True, slots=True)
class TranslationSettings:
    """`server_key` is the name of the environment variable that holds it, never the key."""

    targets: str = _setting("Translate captions into (en, pt; empty: not at all)", default="")
    engine: str = _setting(
        "Translate with",
        default="auto",
        choices=("auto", "argos", "nllw", "whisper", "server"),
    )
    overlay: str = _setting("Show", default="both", choices=("both", "source", "target"))
    server_url: str = _setting("Address of a server (text leaves this program)", default="")
    server_model: str = _setting("Model of the server", default="")
    server_key: str = _setting("Environment variable with the server's key", default="")
    server_timeout: float = _setting(
        "Wait for the server", default=10.0, low=1.0, high=120.0, unit="s"
    )

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes in `targets`, each once."""
        codes = (code.strip() for code in self.targets.split(","))
        return tuple(dict.fromkeys(code for code in codes if code))


@dataclass(frozen=True, slots=True)
class OverlaySettings:
    visible: bool = _setting("Show captions while recording", default=True)
    font_size: int = _setting("Text size", default=22, low=10, high=72, unit="pt")
    lines: int = _setting("Lines", default=2, low=1, high=6)
    opacity: float = _setting("Background", default=0.75, low=0.0, high=1.0)
    place: tuple[int, int, int, int] | None = _setting("Place and size on the screen", default=None)


@dataclass(frozen=True, slots=True)
class GeneralSettings:
    tray_hint_shown: bool = _setting("The note about the tray was shown", default=False)
    theme: str = _setting("Appearance", default="system", choices=("system", "light", "dark"))
    window: str = _setting("Place of the main window", default="")


@dataclass(frozen=True, slots=True)
class Settings:
    capture: CaptureSettings = CaptureSettings()
    recording: RecordingSettings = RecordingSettings()
    recognition: RecognitionSettings = RecognitionSettings()
    speakers: SpeakerSettings = SpeakerSettings()
    translation: TranslationSettings = TranslationSettings()
    overlay: OverlaySettings = OverlaySettings()
    general: GeneralSettings = GeneralSettings()


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings as read: `problems` names what was set right; `unknown` is kept when saving."""

    settings: Settings
    problems: tuple[str, ...] = ()
    unknown: dict[str, Any] = field(default_factory=dict)


Topic = TypeVar("Topic")


def load_settings(path: Path) -> LoadedSettings:
    """Read `path`. Never raises: what cannot be understood becomes its default, with a problem."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8-sig"))  # Windows editors add a mark
    except FileNotFoundError:
        return LoadedSettings(Settings())
    except (OSError, ValueError, RecursionError):
        raw = None
    if not isinstance(raw, dict):
        return LoadedSettings(Settings(), (f"The settings file {path.name} cannot be read",))
    problems: list[str] = []
    topics = {
        f.name: _topic(getattr(Settings(), f.name), f.name, raw.get(f.name, {}), problems)
        for f in fields(Settings)
    }
    return LoadedSettings(Settings(**topics), tuple(problems), raw)


def _topic(default: Topic, name: str, raw: object, problems: list[str]) -> Topic:
    if not isinstance(raw, dict) or not is_dataclass(default):
        problems.append(f"The settings of {name} were not understood and were reset")
        return default
    good: dict[str, Any] = {}
    for f in fields(default):
        if f.name not in raw:
            continue
        try:
            checked = msgspec.convert({f.name: raw[f.name]}, type(default))
            value = getattr(checked, f.name)
            if not f.metadata["range"].allows(value):
                raise ValueError("out of range")
            good[f.name] = value
        except ValueError:
            problems.append(f"The setting {name}.{f.name} was not understood and was reset")
    return replace(default, **good)  # type: ignore[type-var]


def save_settings(path: Path, settings: Settings, unknown: dict[str, Any] | None = None) -> None:
    """Write `settings` atomically; keys of `unknown` that we do not own are kept.

    Raises StorageError.
    """
    merged: dict[str, Any] = dict(unknown or {})
    for topic, values in asdict(settings).items():
        kept = merged.get(topic)
        merged[topic] = {**(kept if isinstance(kept, dict) else {}), **values}
    merged["version"] = VERSION
    text = json.dumps(merged, ensure_ascii=False, indent=2) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text.encode("utf-8", "replace"))
    except OSError as exc:
        raise StorageError(f"The settings cannot be saved: {exc.strerror or exc}") from exc
