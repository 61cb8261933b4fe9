"""Sound devices and sound servers that go away and come back under a recording."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from app.core.events import AudioGap, AudioSaved, CaptureEnded, DeviceChanged
from app.drill.child import Child
from app.drill.findings import left_of, recovered
from app.drill.outcome import Outcome
from app.drill.reports import Plan, Told
from app.drill.soundserver import MIC, SPEAKER, SoundServer
from app.session.audio import AudioReader

if TYPE_CHECKING:
    from pathlib import Path

    from app.drill.findings import Left
    from app.drill.run import Run

TOLD_WITHIN_S = 10.0
_MARGIN_S = 0.3  # before a fault: what was on its way, and how well the moment is known
_HOLE_S = 0.2  # of silence in a tone that never rests
_SETTLED_S = 2.0  # after the beginning
_AFTER_S = 7.0


def device(run: Run) -> list[Outcome]:
    """The microphone or the output is removed and comes back: the recording goes on with it."""
    sound = SoundServer(run.crew, run.folder / "sound")
    sound.start()
    source, module = run.random.choice((("mic", MIC), ("system", SPEAKER)))
    child = _begun(run, sound)
    fault = time.monotonic()
    sound.remove(module)
    child.rest(run.random.uniform(1.0, 4.0))
    sound.bring_back(module)
    if module == SPEAKER:
        sound.play("speaker")
    return [_judged("device", run, child, fault, (source,))]


def server(run: Run) -> list[Outcome]:
    """The sound server is killed and started again: both tracks go on."""
    sound = SoundServer(run.crew, run.folder / "sound")
    sound.start()
    child = _begun(run, sound)
    fault = time.monotonic()
    sound.kill()
    child.rest(run.random.uniform(0.5, 4.0))
    sound.start()
    return [_judged("server", run, child, fault, ("mic", "system"))]


def _begun(run: Run, sound: SoundServer) -> Child:
    """A recording that has been heard to be saved for a moment."""
    plan = Plan(numbered=False)
    child = Child(run.crew, plan, run.folder / "data", sound.env)
    child.wait_until("the first second on disk", lambda: bool(child.events_of(AudioSaved)))
    child.rest(_SETTLED_S + run.random.uniform(0.0, 2.0))
    return child


def _judged(kind: str, run: Run, child: Child, fault: float, sources: tuple[str, ...]) -> Outcome:
    child.rest(_AFTER_S)
    code = child.stop()
    left = left_of(child.meetings, {}, child.events)
    faults = [] if code == 0 else [f"it ended with {code}: {child.said()}"]
    at = fault - _origin(child)
    lost = 0.0
    for source in sources:
        lost = max(lost, _holes_before(child, source, at - _MARGIN_S))
        faults += _not_told(left, source, at)
        if _is_silent_at_end(child, source):
            faults.append(f"{source} is silent after the fault")
    problems = (*recovered(child.meetings), *left.problems)
    return Outcome(
        kind,
        run.number,
        unreadable=bool(problems),
        lost_s=round(lost, 3),
        captions_lost=left.captions_lost,
        gaps=len(left.gaps),
        faults=tuple(faults),
        notes=(*problems, f"fault at {at:.2f} in {', '.join(sources)}", *_seen(left)),
    )


def _origin(child: Child) -> float:
    """When the meeting's clock was 0, on the clock of all processes."""
    return min(
        report.at - report.fact.event.seconds
        for report in child.reports
        if isinstance(report.fact, Told) and isinstance(report.fact.event, AudioSaved)
    )


def _not_told(left: Left, source: str, at: float) -> list[str]:
    """A fault must be marked, as a gap or by the device that took over, soon after it."""
    marks = [
        event.start if isinstance(event, AudioGap) else event.at
        for event in left.events
        if (isinstance(event, AudioGap) and source in event.reason)
        or (isinstance(event, DeviceChanged) and event.source == source)
    ]
    ended = [e for e in left.events if isinstance(e, CaptureEnded) and e.source == source]
    if any(-1.0 <= mark - at <= TOLD_WITHIN_S for mark in marks) or ended:
        return []
    return [f"nothing was told of {source}"]


def _holes_before(child: Child, source: str, until: float) -> float:
    """Seconds of silence in what a source gave before `until`, from its first sound on."""
    samples, rate = _track(child, source, 0.0, until)
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    if not len(loud):
        return until
    ends = np.append(loud, len(samples))
    holes = np.diff(ends) / rate
    return float(holes[holes > _HOLE_S].sum())


def _is_silent_at_end(child: Child, source: str) -> bool:
    end = AudioReader(_audio(child)).duration()
    samples, _ = _track(child, source, end - 1.0, end)
    return not np.any(np.abs(samples) > 0.01)


def _track(
    child: Child, source: str, start: float, end: float
) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.float32]], int]:
    reader = AudioReader(_audio(child))
    if source not in reader.tracks:
        return np.zeros(0, np.float32), 1
    sound = reader.read(source, start, end)
    return sound.samples, sound.rate


def _audio(child: Child) -> Path:
    (folder,) = [path for path in child.meetings.iterdir() if path.is_dir()]
    return folder / "audio"


def _seen(left: Left) -> tuple[str, ...]:
    gaps = (f"gap {gap.start:.2f} to {gap.end:.2f}: {gap.reason}" for gap in left.gaps)
    changes = (
        f"{event.source} at {event.at:.2f}: {event.device}, {event.reason}"
        for event in left.events
        if isinstance(event, DeviceChanged)
    )
    return (*gaps, *changes)
