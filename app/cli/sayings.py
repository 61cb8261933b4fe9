"""What happens to a recording, in one sentence each for the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.events import (
    AudioGap,
    CaptureCleared,
    CaptureDoubted,
    CaptureProblem,
    CaptureResumed,
    CaptureStalled,
    ClockJumped,
    DeviceChanged,
    MeetingForgot,
    MeetingStarted,
    OwnVoiceHeard,
    SpaceMeasured,
)

if TYPE_CHECKING:
    from app.core.events import Event

NEWS = (
    AudioGap,
    CaptureCleared,
    CaptureDoubted,
    CaptureResumed,
    CaptureStalled,
    ClockJumped,
    DeviceChanged,
    MeetingForgot,
    MeetingStarted,
    OwnVoiceHeard,
    SpaceMeasured,
)
"""What programs are told about the recording as well."""

_MB = 1_000_000
_PROBLEMS = {
    CaptureProblem.SILENT: (
        "delivers nothing but silence",
        "Is it muted, or not allowed for this program?",
    ),
    CaptureProblem.CLIPPING: ("is too loud and clips", "Turn its level down."),
    CaptureProblem.DEAF: (
        "records nothing although the computer plays something",
        "Choose the output that is playing with --device or --system-device.",
    ),
    CaptureProblem.SHIFTED: (
        "has a constant offset",
        "The device or its cable is faulty: try another one.",
    ),
    CaptureProblem.OPPOSED: (
        "has channels that cancel each other out",
        "The louder one is used; a cable may be wired the wrong way.",
    ),
}
_CLEARED = {
    CaptureProblem.SILENT: "delivers sound again",
    CaptureProblem.CLIPPING: "no longer clips",
    CaptureProblem.DEAF: "records what is played again",
    CaptureProblem.SHIFTED: "no longer has a constant offset",
    CaptureProblem.OPPOSED: "no longer has channels that cancel each other out",
}
_ROOM = "Make room: delete what is not needed, or empty the bin."


def said(event: Event) -> tuple[str, str] | None:
    """A sentence without its full stop and a hint ("" for none); None if nothing is to be said."""
    match event:
        case CaptureStalled():
            return f"Nothing has come from {event.source} for {event.seconds:.0f} s", ""
        case CaptureResumed():
            return f"Sound comes from {event.source} again", ""
        case DeviceChanged():
            device = event.device or "the default device"
            changed = f"{event.source} is recorded from {device} since {clock(event.at)}"
            return f"{changed}: {event.reason}", ""
        case CaptureDoubted():
            what, hint = _PROBLEMS[event.problem]
            return f"{event.source} {what} at {clock(event.at)}", hint
        case CaptureCleared():
            return f"{event.source} {_CLEARED[event.problem]} at {clock(event.at)}", ""
        case ClockJumped():
            return f"{event.reason} for {abs(event.seconds):.0f} s".capitalize(), ""
        case SpaceMeasured():
            return _space(event), _ROOM
        case MeetingForgot():
            span = f"{clock(event.start)} to {clock(event.end)}"
            return f"Sound and text from {span} were removed", ""
        case _:
            return None


def _space(measured: SpaceMeasured) -> str:
    left = f"only {measured.free / _MB:.0f} MB are left on the disk"
    if measured.stopping:
        return f"THE RECORDING STOPS NOW: {left}; everything up to here is saved"
    return f"The disk is nearly full: {left}"


def clock(seconds: float) -> str:
    """M:SS with as many digits as are needed: "01:05", "1:01:05"."""
    minutes, whole = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{whole:02}" if hours else f"{minutes:02}:{whole:02}"
