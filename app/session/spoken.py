"""A line cut where the speaker changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.session.attribution import cut_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.session.attribution import Part
    from app.session.line import Line
    from app.session.speakers import Speakers


def spoken_lines(line: Line, speakers: Speakers) -> Iterator[Line]:
    """`line`, cut where the speaker changes."""
    parts = speakers.parts(line.utterance, line.words)
    if len(parts) < 2:
        who = parts[0].speakers if parts else ()
        if not line.words:
            who = speakers.of_stretch(line.utterance, line.start, line.end)
        yield replace(line, speakers=who) if who else line
        return
    texts = cut_text(line.text, line.words, parts)
    last = max((number for number, text in enumerate(texts) if text), default=0)
    for number, (part, text) in enumerate(zip(parts, texts, strict=True)):
        spoken = _part_of(line, part, text, number)
        yield spoken if number == last else replace(spoken, translations=())


def _part_of(line: Line, part: Part, text: str, number: int) -> Line:
    words = line.words[part.first : part.last]
    start = line.start if part.first == 0 else words[0].start
    end = line.end if part.last == len(line.words) else words[-1].end
    return replace(
        line, start=start, end=end, text=text, words=words, speakers=part.speakers, part=number
    )
