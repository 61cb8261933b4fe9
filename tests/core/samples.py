"""One example of every event."""

from __future__ import annotations

from app.core import events
from app.core.events import Event, Word

WORDS = (Word(" Good", 1.0, 1.25, 0.9), Word(" morning.", 1.25, 1.8, 0.75))

SAMPLES: tuple[Event, ...] = (
    events.WordsCommitted(3, WORDS),
    events.PreviewChanged(3, " every"),
    events.FinalCaption(3, 2, 1.0, 1.8, '안녕하세요 "여러분"\nline two', "ko", WORDS),
    events.CaptionEdited(3, "Good evening."),
    events.Translation(3, "zh-Hant", "早安。", final=True),
    events.TranslationEdited(3, "pt", "Boa noite."),
    events.TurnsFound(1.0, 6.0, (events.SpeakerTurn(1.5, 4.25, 0),), final=True),
    events.OwnVoiceHeard(2.0, 4.5),
    events.SpeakerNamed(1, "Mina"),
    events.SpeakersMerged(2, 1),
    events.SpeakerAssigned(3, 1, (1.0, 1.8)),
    events.LanguageDetected("en", 0.93),
    events.LevelMeasured("mic", -20.5, -3.25),
    events.AudioSaved(12.5),
    events.AudioGap(3.0, 3.5, "mic lost audio"),
    events.RecognitionSkipped(4.0, 9.0),
    events.RecognitionCaughtUp(4.0, 7.5),
    events.LoadChanged(events.LoadLevel.NO_PREVIEW, 6.5, 31.0),
    events.CaptureStalled("mic", 2.0),
    events.CaptureResumed("mic"),
    events.CaptureEnded("mic", "The microphone was unplugged", "Reconnect it."),
    events.MeetingStarted(0.0, "2026-11-20T14:30:05+09:00", "0.1.0", ("mic", "system")),
    events.DeviceChanged("mic", "USB headset", 21.0, "the microphone was unplugged"),
    events.CaptureDoubted("mic", events.CaptureProblem.SILENT, 30.0),
    events.CaptureCleared("mic", events.CaptureProblem.SILENT, 34.0),
    events.ClockJumped(40.0, 31.5, "the computer slept"),
    events.SpaceMeasured(150_000_000, stopping=True),
    events.MeetingForgot(60.0, 180.0),
    events.MeetingPaused(20.0),
    events.MeetingResumed(20.0),
    events.StageChanged("transcribe", events.StageState.FAILED, "No such model", "Pull it."),
    events.RunMeasured(60.0, 12.5, 61.0, 420.0),
)
