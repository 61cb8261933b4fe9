"""Who spoke when, in NIST's format for diarization (RTTM)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.core.errors import MediaError
from app.core.events import SpeakerTurn

if TYPE_CHECKING:
    from app.export.document import ExportDocument

_FIELDS = 8  # up to the name; two more are often left out


def render_rttm(document: ExportDocument) -> str:
    """One row for each turn; spaces in names become "_"."""
    names = document.names()
    title = _word(document.title) or "meeting"
    return "".join(
        f"SPEAKER {title} 1 {turn.start:.3f} {turn.end - turn.start:.3f} <NA> <NA> "
        f"{_word(names.get(turn.speaker, f'Speaker {turn.speaker + 1}'))} <NA> <NA>\n"
        for turn in document.turns
    )


def parse_rttm(text: str) -> tuple[tuple[SpeakerTurn, ...], tuple[str, ...]]:
    """The turns in order, and the names of their speakers by number.

    Other rows than SPEAKER are skipped. Raises MediaError for rows that are not RTTM.
    """
    numbers: dict[str, int] = {}
    found: list[tuple[float, float, str]] = []
    for place, row in enumerate(text.splitlines(), 1):
        fields = row.split()
        if fields and fields[0] == "SPEAKER":
            found.append(_turn(fields, place))
        elif fields and not re.match(r"[A-Z;-]", fields[0]):
            raise _not_rttm(place)
    found.sort()
    turns = tuple(
        SpeakerTurn(start, end, numbers.setdefault(name, len(numbers)))
        for start, end, name in found
    )
    return turns, tuple(numbers)


def _turn(fields: list[str], place: int) -> tuple[float, float, str]:
    try:
        start, length = float(fields[3]), float(fields[4])
        name = fields[_FIELDS - 1]
    except (ValueError, IndexError) as exc:
        raise _not_rttm(place) from exc
    if not (0 <= start < 1e7 and 0 <= length < 1e7):  # neither are infinite ones
        raise _not_rttm(place)
    return start, start + length, name


def _not_rttm(place: int) -> MediaError:
    return MediaError(
        f"Row {place} is not RTTM",
        hint="Rows look like 'SPEAKER file 1 START LENGTH <NA> <NA> NAME <NA> <NA>'.",
    )


def _word(text: str) -> str:
    return "_".join(text.split())
