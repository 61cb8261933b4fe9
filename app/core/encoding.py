"""The one encoder of events, for the journal and for `--jsonl`."""

from __future__ import annotations

from typing import Any, get_args

import msgspec

from app.core import events
from app.core.events import Event

KINDS: dict[type[Event], str] = {
    events.WordsCommitted: "words",
    events.PreviewChanged: "preview",
    events.FinalCaption: "final",
    events.CaptionEdited: "edit",
    events.Translation: "translation",
    events.TranslationEdited: "translation-edit",
    events.LanguageDetected: "language",
    events.TurnsFound: "turns",
    events.OwnVoiceHeard: "own-voice",
    events.SpeakerNamed: "speaker-name",
    events.SpeakersMerged: "speaker-merge",
    events.SpeakerAssigned: "speaker-line",
    events.LevelMeasured: "level",
    events.AudioSaved: "saved",
    events.AudioGap: "gap",
    events.RecognitionSkipped: "skipped",
    events.RecognitionCaughtUp: "caught-up",
    events.LoadChanged: "load",
    events.CaptureStalled: "stalled",
    events.CaptureResumed: "resumed",
    events.CaptureEnded: "ended",
    events.MeetingStarted: "start",
    events.MeetingPaused: "pause",
    events.MeetingResumed: "resume",
    events.DeviceChanged: "device",
    events.CaptureDoubted: "doubted",
    events.CaptureCleared: "cleared",
    events.ClockJumped: "clock",
    events.SpaceMeasured: "space",
    events.MeetingForgot: "forgot",
    events.StageChanged: "stage",
    events.RunMeasured: "stats",
}
_TYPES: dict[str, type[Event]] = {kind: cls for cls, kind in KINDS.items()}
assert set(KINDS) == set(get_args(Event)), "every event needs a kind"


class UnknownKindError(ValueError):
    """A record of a kind that this version does not know; a newer one may have written it."""


def encode(event: Event) -> dict[str, Any]:
    """The event as JSON-ready values, its kind under "type"."""
    fields: dict[str, Any] = msgspec.to_builtins(event, enc_hook=_plain)
    if isinstance(event, events.FinalCaption) and not event.original:
        del fields["original"]  # of captions that nobody corrected there is nothing to tell
    return {"type": KINDS[type(event)], **fields}


def _plain(value: Any) -> Any:
    """A number of numpy's, as models return them, as one of Python's."""
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"an event holds {type(value).__name__}, which has no JSON form")


def decode(record: dict[str, Any]) -> Event:
    """The inverse of `encode`; keys it does not know are ignored.

    Raises UnknownKindError, or ValueError when a known record's fields have the wrong shape.
    """
    cls = _TYPES.get(str(record.get("type")))
    if cls is None:
        raise UnknownKindError(f"unknown kind {record.get('type')!r}")
    return msgspec.convert(record, cls)
