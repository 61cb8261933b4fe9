"""Plain text for people: a heading, a paragraph for each line, the notes.

Where speakers are known, each change of speaker is marked: "Anna: Good morning." Translations stand
below their lines, unless something else was chosen.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.export.document import ExportDocument


def render_txt(document: ExportDocument) -> str:
    """Without title and start there is no heading, only what was said."""
    document = replace(document, text=document.text or "both").shown()
    heading = [document.title] if document.title else []
    if document.started is not None:
        heading.append(f"{document.started:%Y-%m-%d %H:%M}")
    spoken = [
        row
        for head, line, below in zip(
            document.heads(), document.lines, document.below(), strict=True
        )
        for row in (
            " ".join(f"{head} {line.text}".split()),
            *(f"    {told.language}: {' '.join(told.text.split())}" for told in below),
        )
    ]
    notes = document.notes.strip()
    parts = ["\n".join(heading), "\n".join(spoken), f"Notes\n\n{notes}" if notes else ""]
    text = "\n\n".join(filter(None, parts))
    return f"{text}\n" if text else ""
