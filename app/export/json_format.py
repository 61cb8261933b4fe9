"""The export for other programs: everything, with the times of every word.

::

    {"format": "captionist", "version": 1,
     "meeting": {"title": "…", "started": "2026-11-20T14:30:05+09:00" or null,
                 "duration": 3600.5, "language": "en" or ""},
     "speakers": [{"speaker": 0, "name": "Anna", "named": true}, …],
     "turns": [{"start": 0.9, "end": 3.5, "speaker": 0}, …],
     "lines": [{"utterance": 0, "start": 1.2, "end": 3.4, "text": "Good morning.",
                "language": "en", "edited": false, "speaker": 0 or null, "also": [1, …],
                "words": [{"text": " Good", "start": 1.2, "end": 1.5, "probability": 0.98}, …],
                "translations": [{"language": "pt-BR", "text": "Bom dia.", "final": true,
                                  "edited": false}, …]}],
     "notes": "Markdown"}

Times are seconds since the start of the recording; lines are in the order of time. A word's text
keeps its leading space, so that joining the words gives what the machine heard; the text of an
`edited` line is a person's and may say something else. Without diarization there are no speakers;
with it an utterance has a line for each of its speakers, `also` are those who spoke at the same
time, and who was not `named` by a person is called "Speaker 1" and so on. A translation is that of
the whole utterance and stands with the last of its lines.
Readers should ignore keys that they do not know; `version` rises when a key changes its meaning.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from app.export.document import ExportDocument
    from app.session.line import Line

VERSION = 1


def render_json(document: ExportDocument) -> str:
    started = document.started.isoformat(timespec="seconds") if document.started else None
    content = {
        "format": "captionist",
        "version": VERSION,
        "meeting": {
            "title": document.title,
            "started": started,
            "duration": round(document.duration, 3),
            "language": document.language,
        },
        "speakers": [
            {"speaker": who.number, "name": who.called(), "named": bool(who.name)}
            for who in document.speakers
        ],
        "turns": msgspec.to_builtins(document.turns),
        "lines": [_line(line) for line in document.lines],
        "notes": document.notes,
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _line(line: Line) -> dict[str, Any]:
    return {
        "utterance": line.utterance,
        "start": line.start,
        "end": line.end,
        "text": line.text,
        "language": line.language,
        "edited": line.edited,
        "speaker": line.speakers[0] if line.speakers else None,
        "also": list(line.speakers[1:]),
        "words": msgspec.to_builtins(line.words),
        "translations": msgspec.to_builtins(line.translations),
    }
