"""Journals that are cut, altered and glued at every kind of place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.errors import AppError
from app.core.events import AudioGap, CaptionEdited, Event, FinalCaption, Word, WordsCommitted
from app.drill.outcome import Outcome
from app.session.files import JOURNAL
from app.session.journal import Journal, read_journal
from app.session.store import SessionStore

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

    from app.drill.run import Run

    Damage = Callable[[bytes, int, int, random.Random], bytes]
    """(journal, start and end of a record with its line end, chance) -> what is on disk."""

_RECORDS = 60
_AFTER = CaptionEdited(999, "written after the repair")


def _cut_inside(raw: bytes, start: int, end: int, chance: random.Random) -> bytes:
    return raw[: chance.randrange(start + 1, end - 1)]


def _cut_before_line_end(raw: bytes, _start: int, end: int, _chance: random.Random) -> bytes:
    return raw[: end - 1]


def _cut_between(raw: bytes, start: int, _end: int, _chance: random.Random) -> bytes:
    return raw[:start]


def _cut_in_checksum(raw: bytes, _start: int, end: int, chance: random.Random) -> bytes:
    return raw[: end - chance.randrange(3, 12)]


def _cut_in_letter(raw: bytes, start: int, end: int, _chance: random.Random) -> bytes:
    """In the middle of a character of several bytes, if the record has one."""
    wide = next((place for place in range(start, end) if raw[place] >= 0x80), start + 1)
    return raw[: wide + 1]


def _alter(raw: bytes, start: int, end: int, chance: random.Random) -> bytes:
    place = chance.randrange(start, end - 1)
    return raw[:place] + bytes([raw[place] ^ (1 << chance.randrange(8))]) + raw[place + 1 :]


def _alter_line_end(raw: bytes, _start: int, end: int, _chance: random.Random) -> bytes:
    return raw[: end - 1] + b" " + raw[end:]


def _zeros(raw: bytes, start: int, end: int, chance: random.Random) -> bytes:
    """As a file system leaves what it had no time to write: the length is there, zeros inside."""
    place = chance.randrange(start, end)
    return raw[:place] + bytes(end - place) + raw[end:]


def _zeros_behind(raw: bytes, _start: int, _end: int, _chance: random.Random) -> bytes:
    return raw + bytes(4096)


def _hole(raw: bytes, start: int, end: int, chance: random.Random) -> bytes:
    """A torn record with whole ones behind it, as after a crash of an older version."""
    return raw[: chance.randrange(start + 1, end - 1)] + b"\n" + raw[end:]


DAMAGES: tuple[Damage, ...] = (
    _cut_inside, _cut_before_line_end, _cut_between, _cut_in_checksum, _cut_in_letter,
    _alter, _alter_line_end, _zeros, _zeros_behind, _hole,
)  # fmt: skip


def journal(run: Run) -> list[Outcome]:
    """Damage a journal, recover it, go on with it: every record that is whole must be there."""
    damage = DAMAGES[run.number % len(DAMAGES)]
    session = SessionStore(run.folder, free=lambda _folder: 1 << 40).create("", "mic", "", "en")
    path = session.folder / JOURNAL
    for event in _events(run.random):
        session.record(event)
    session.close()
    raw = path.read_bytes()
    start, end = _record_bounds(raw, run.random)
    damaged = damage(raw, start, end, run.random)
    path.write_bytes(damaged)
    whole = _whole(damaged, raw)
    lost, faults = _after_recovery(run.folder, path, whole)
    name = damage.__name__.strip("_").replace("_", " ")
    return [
        Outcome(
            "journal",
            run.number,
            unreadable=bool(faults),
            captions_lost=lost,
            notes=(f"{name}: {len(whole)} whole records", *faults),
        )
    ]


def _after_recovery(root: Path, path: Path, whole: list[bytes]) -> tuple[int, tuple[str, ...]]:
    """How many of `whole` are gone, and what was wrong."""
    try:
        problems = [each.problem for each in SessionStore(root).recover() if each.problem]
        more = Journal(path)
        more.append(_AFTER)
        more.close()
        contents = read_journal(path)
    except AppError as exc:
        return len(whole), (str(exc),)
    kept = contents.kept.splitlines()
    if contents.events[-1:] != [_AFTER]:
        problems.append("what was written after the repair is not there")
    return sum(line not in kept for line in whole), tuple(problems)


def _whole(damaged: bytes, raw: bytes) -> list[bytes]:
    """Lines that are exactly as they were written."""
    written = set(raw.split(b"\n"))
    return [line for line in damaged.split(b"\n") if line and line in written]


def _record_bounds(raw: bytes, chance: random.Random) -> tuple[int, int]:
    ends = [place + 1 for place, byte in enumerate(raw) if byte == 0x0A]
    number = chance.randrange(len(ends))
    return (ends[number - 1] if number else 0), ends[number]


def _events(chance: random.Random) -> list[Event]:
    return [_event(number, chance) for number in range(_RECORDS)]


def _event(number: int, chance: random.Random) -> Event:
    text = chance.choice(("안녕하세요", "Grüße 🎙️", "good morning", 'a "quote" \\ and\nline'))
    kinds: tuple[Event, ...] = (
        WordsCommitted(number, (Word(f" {text}", number, number + 0.5, 0.9),)),
        FinalCaption(number, 0, number, number + 0.5, text, "ko", ()),
        CaptionEdited(number, text),
        AudioGap(number, number + 0.25, text),
    )
    return kinds[number % len(kinds)]
