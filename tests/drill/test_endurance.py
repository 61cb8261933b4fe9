"""The long meeting with faults, for half a minute."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.paths import Paths
from app.drill import endurance
from app.drill.endurance import Endurance
from app.live import LiveMeeting
from app.meeting import MeetingRequest
from app.pipeline.runner import PlainThreadHost
from app.session.audio import AudioReader
from app.session.store import MeetingState, SessionStore


def test_a_meeting_with_faults_is_whole_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endurance, "_EVERY_S", 4.0)
    paths = Paths(tmp_path, tmp_path / "models")
    request = MeetingRequest("mic+system", model="scripted", language="en")
    run = Endurance(seed=3)
    marks = run.run(
        lambda publish: LiveMeeting(request, paths, PlainThreadHost(), publish),
        60.0,
        20.0,
        lambda _mark: None,
    )
    assert len(marks) == 3
    assert marks[-1].end >= 60.0
    assert set(run.tally.done) == {"pause", "gap", "device", "burst", "forget"}
    assert run.tally.gaps
    assert run.tally.failed == []
    (summary,) = SessionStore(paths.meetings).list()
    assert summary.state is MeetingState.COMPLETE
    assert summary.lines
    reader = AudioReader(paths.meetings / summary.id / "audio")
    lengths = [reader.duration(track) for track in reader.tracks]
    assert len(lengths) == 2
    assert max(lengths) - min(lengths) < 6.0
    assert summary.duration_s == pytest.approx(max(lengths), abs=0.1)
