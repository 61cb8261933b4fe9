"""Lines cut into subtitles: two rows at most, at most a few seconds, in step with the words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from app.session.line import Line

ROW_WIDTH = 42
"""Columns of a row; a wide character (Chinese, Japanese, Korean) takes two."""

MAX_ROWS = 2
MAX_SECONDS = 7.0
MAX_PAUSE = 1.5
"""Seconds without a word after which a new subtitle begins."""

# Scripts that are written without spaces: Thai, Lao, Burmese, Khmer, kana, Chinese characters.
_NO_SPACES = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
)
_UNSPACED = re.compile(f"[{_NO_SPACES}]")
_SENTENCE_END = re.compile(r"[.?!\u3002]['\"\u2019\u201d)\u300d\u300f]*$")


@dataclass(frozen=True, slots=True)
class Cue:
    """A subtitle of a `line`, by its place in the lines.

    `end_ms` is always after `start_ms`, and no cue begins before the last ends.
    """

    start_ms: int
    end_ms: int
    rows: tuple[str, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class _Atom:
    """Text that is not broken, with the space before it, and its time in seconds."""

    text: str
    start: float
    end: float


def cues_of(
    lines: Sequence[Line], heads: Sequence[str] = (), below: Sequence[Sequence[str]] = ()
) -> list[Cue]:
    """Subtitles for `lines`, in the order of time; `heads` are written before their lines.

    The texts `below` a line are shared out among its subtitles, as rows of their own.
    """
    drafts = []
    for number, line in enumerate(lines):
        cues = [replace(cue, line=number) for cue in _split(line, heads[number] if heads else "")]
        for text in below[number] if below else ():
            cues = _with_below(cues, _clean(text))
        drafts.extend(cues)
    drafts.sort(key=lambda cue: cue.start_ms)
    return list(_apart(drafts))


def width(text: str) -> int:
    """Columns that `text` takes."""
    return len(text) if text.isascii() else sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.category(char).startswith("M"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _apart(cues: Sequence[Cue]) -> Iterator[Cue]:
    """Resolve overlaps: a cue ends where the next begins, and each lasts at least 1 ms."""
    free = 0
    for i, cue in enumerate(cues):
        start = max(cue.start_ms, free)
        end = cue.end_ms
        if i + 1 < len(cues):
            end = min(end, cues[i + 1].start_ms)
        free = max(end, start + 1)
        yield Cue(start, free, cue.rows, cue.line)


def _split(line: Line, head: str) -> Iterator[Cue]:
    group: list[_Atom] = []
    for atom in _headed(_atoms(line), _clean(head)):
        if group and _must_break(group, atom):
            yield _cue(group)
            group = []
        group.append(atom)
    if group:
        yield _cue(group)


def _with_below(cues: list[Cue], text: str) -> list[Cue]:
    """`text` cut at an even pace, each piece below the cue that is shown at its time."""
    if not cues:
        return []
    start, end = cues[0].start_ms, cues[-1].end_ms
    shares: list[list[_Atom]] = [[] for _ in cues]
    for atom in (part for piece in _spread(text, start, end) for part in _fitting(piece)):
        middle = (atom.start + atom.end) / 2
        place = next((i for i, cue in enumerate(cues) if middle < cue.end_ms), len(cues) - 1)
        shares[place].append(atom)
    return [
        replace(cue, rows=(*cue.rows, *_rows(atoms)))
        for cue, atoms in zip(cues, shares, strict=True)
    ]


def _headed(atoms: list[_Atom], head: str) -> list[_Atom]:
    if not head or not atoms:
        return atoms
    first = atoms[0]
    title = list(_spread(head, first.start, first.start))
    spaced = _Atom(f" {first.text.lstrip()}", first.start, first.end)
    return [*(part for atom in title for part in _fitting(atom)), spaced, *atoms[1:]]


def _must_break(group: Sequence[_Atom], atom: _Atom) -> bool:
    if atom.start - group[-1].end > MAX_PAUSE or atom.end - group[0].start > MAX_SECONDS:
        return True
    if len(_rows(group)) == MAX_ROWS and _ends_sentence(group[-1].text):
        return True
    return len(_rows([*group, atom])) > MAX_ROWS


def _ends_sentence(text: str) -> bool:
    """Whether `text` closes a sentence; wide signs count as their narrow twins."""
    return _SENTENCE_END.search(unicodedata.normalize("NFKC", text)) is not None


def _cue(group: Sequence[_Atom]) -> Cue:
    start = max(0, round(group[0].start * 1000))
    return Cue(start, max(start + 1, round(group[-1].end * 1000)), tuple(_rows(group)))


def _rows(group: Iterable[_Atom]) -> list[str]:
    rows: list[str] = []
    for atom in group:
        if rows and width(rows[-1] + atom.text) <= ROW_WIDTH:
            rows[-1] += atom.text
        else:
            rows.append(atom.text.lstrip())
    return rows


def _atoms(line: Line) -> list[_Atom]:
    """The text of `line` in unbreakable pieces; the times come from the words where they fit."""
    pieces = _from_words(line) or _interpolated(line)
    joined: list[_Atom] = []
    for piece in pieces:
        if joined and not _may_break(joined[-1].text, piece.text):
            before = joined.pop()
            piece = _Atom(before.text + piece.text, before.start, max(before.end, piece.end))
        joined.append(piece)
    return [part for atom in joined for part in _fitting(atom)]


def _from_words(line: Line) -> list[_Atom]:
    """The words as pieces; none if the line says something else than they do."""
    if _clean("".join(word.text for word in line.words)) != _clean(line.text):
        return []
    return [
        piece
        for word in line.words
        for piece in _spread(_leading_space(word.text), word.start, word.end)
    ]


def _interpolated(line: Line) -> list[_Atom]:
    """The text at an even pace, for lines whose words have other times or none."""
    return list(_spread(_clean(line.text), line.start, line.end))


def _spread(text: str, start: float, end: float) -> Iterator[_Atom]:
    """`text` cut wherever it may be broken, its time shared out by length."""
    cuts = [i for i, (a, b) in enumerate(pairwise(text), 1) if _may_break(a, b)]
    bounds = [0, *cuts, len(text)] if text else []
    step = (end - start) / len(text) if text else 0.0
    for first, last in pairwise(bounds):
        yield _Atom(text[first:last], start + first * step, start + last * step)


def _may_break(before: str, after: str) -> bool:
    """Whether a row may end between `before` and `after`."""
    if after[0] == " ":
        return before != " "
    if before[-1] == " " or _opens(before[-1]) or _hangs(after[0]):
        return False
    return bool(_UNSPACED.match(before[-1]) or _UNSPACED.match(after[0]))


def _opens(char: str) -> bool:
    return unicodedata.category(char) in ("Ps", "Pi")


def _hangs(char: str) -> bool:
    """Whether `char` stays with what is before it: marks, closing signs, the long vowel."""
    category = unicodedata.category(char)
    return category == "Lm" or (category[0] in "MP" and not _opens(char))


def _fitting(atom: _Atom) -> Iterator[_Atom]:
    """`atom`, cut by force if it is wider than a row: a long address, for example."""
    text = atom.text
    if width(text.lstrip()) <= ROW_WIDTH:
        yield atom
        return
    step = (atom.end - atom.start) / len(text)
    first = 0
    while first < len(text):
        last = first + 1
        while last < len(text) and width(text[first : last + 1].lstrip()) <= ROW_WIDTH:
            last += 1
        yield _Atom(text[first:last], atom.start + first * step, atom.start + last * step)
        first = last


def _clean(text: str) -> str:
    """One row of text: no line ends, no control characters, single spaces."""
    visible = "".join(c for c in text if c.isspace() or unicodedata.category(c) != "Cc")
    return " ".join(visible.split())


def _leading_space(text: str) -> str:
    clean = _clean(text)
    return f" {clean}" if clean and text[:1].isspace() else clean
