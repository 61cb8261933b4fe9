"""Plain text for people: a heading, a paragraph for each line, the notes.

Where speakers are known, each change of speaker is marked: "Anna: Good morning."
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.export.document import ExportDocument


def render_txt(document: ExportDocument) -> str:
    """Without title and start there is no heading, only what was said."""
    heading = [document.title] if document.title else []
    if document.started is not None:
        heading.append(f"{document.started:%Y-%m-%d %H:%M}")
    spoken = [
        " ".join(f"{head} {line.text}".split())
        for head, line in zip(document.heads(), document.lines, strict=True)
    ]
    notes = document.notes.strip()
    parts = ["\n".join(heading), "\n".join(spoken), f"Notes\n\n{notes}" if notes else ""]
    text = "\n\n".join(filter(None, parts))
    return f"{text}\n" if text else ""
