"""A transcript as a text document: one block for each line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextFormat

from app.gui.text import joined
from app.gui.theme import LIGHT
from app.gui.transcript.line import ChangeKind, Note
from app.gui.transcript.lines import TranscriptLines
from app.gui.transcript.note_text import note_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QTextBlock, QTextDocument

    from app.gui.theme import Colours
    from app.gui.transcript.line import Change, Line

GUTTER = 76
"""Pixels beside the text, for the time stamps."""

RIGHT = 28

LABEL = 32
"""Pixels above a line where another speaker begins."""

LABEL_HEIGHT = 21
"""Pixels of the name in them."""

BREAK = "\u2028"
"""Begins a new line within a block; it is copied as an end of line."""

_KIND = QTextFormat.Property.UserProperty.value
_SPOKEN, _PREVIEW, _TRANSLATED, _UNSURE, _NOTED = range(5)


@dataclass(frozen=True, slots=True)
class Run:
    """Text in one format."""

    text: str
    kind: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was spoken ("") or a translation: from `start` to `end` in Qt's (UTF-16) characters."""

    language: str
    start: int
    end: int


class LineBlocks:
    """Keeps the blocks of `document` equal to the lines, touching only what has changed.

    A block has what was spoken and, each on a line of its own below, its translations.
    """

    def __init__(self, document: QTextDocument) -> None:
        self._document = document
        self._lines = TranscriptLines()
        self._colours = LIGHT

    @property
    def lines(self) -> TranscriptLines:
        return self._lines

    def fill(self, lines: TranscriptLines, colours: Colours) -> None:
        """Write all of `lines`, which `apply` then follows."""
        self._lines = lines
        self._colours = colours
        self._document.clear()
        self._set_margins()
        cursor = QTextCursor(self._document)
        cursor.beginEditBlock()
        for row in range(len(lines)):
            self._append(cursor, row)
        cursor.endEditBlock()

    def apply(self, change: Change) -> None:
        """Write what `lines.apply` has just changed."""
        match change.kind:
            case ChangeKind.INSERTED:
                self._insert(change.row)
            case ChangeKind.CHANGED:
                self._rewrite(change.row)
            case ChangeKind.REMOVED:
                self._remove(change.row)

    def _set_margins(self) -> None:
        frame = self._document.rootFrame()
        style = frame.frameFormat()
        style.setTopMargin(28)  # room for a name
        style.setBottomMargin(10)
        frame.setFrameFormat(style)

    def _append(self, cursor: QTextCursor, row: int) -> None:
        if row:
            cursor.insertBlock()
        cursor.setBlockFormat(self._block_format(row))
        self._write(cursor, row)

    def _insert(self, row: int) -> None:
        cursor = QTextCursor(self._document)
        cursor.beginEditBlock()
        if len(self._lines) == 1:
            cursor.setBlockFormat(self._block_format(row))
        elif row == 0:
            cursor.insertBlock()
            cursor.movePosition(QTextCursor.MoveOperation.Start)
            cursor.setBlockFormat(self._block_format(row))
        else:
            cursor.setPosition(self.block(row - 1).position())
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
            cursor.insertBlock(self._block_format(row))
        self._write(cursor, row)
        cursor.endEditBlock()

    def _rewrite(self, row: int) -> None:
        """Keep what is already there, so that a selection in it survives."""
        block = self.block(row)
        wanted = [(char, run.kind) for run in self._runs(row) for char in run.text]
        keep = _common_prefix(_marked(block), wanted)
        cursor = QTextCursor(self._document)
        cursor.beginEditBlock()
        cursor.setPosition(block.position() + sum(_units(char) for char, _ in wanted[:keep]))
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        self._write(cursor, row, keep)
        style = self._block_format(row)
        if block.blockFormat().topMargin() != style.topMargin():
            cursor.setBlockFormat(style)
        cursor.endEditBlock()

    def _remove(self, row: int) -> None:
        block = self.block(row)
        cursor = QTextCursor(block)
        cursor.beginEditBlock()
        cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
        cursor.removeSelectedText()
        if row == 0 and len(self._lines):
            cursor.movePosition(QTextCursor.MoveOperation.Start)
            if not cursor.block().text() and self._document.blockCount() > len(self._lines):
                cursor.deleteChar()
            cursor.setBlockFormat(self._block_format(row))
        cursor.endEditBlock()

    def _write(self, cursor: QTextCursor, row: int, skip: int = 0) -> None:
        """Insert the text of line `row` from character `skip` on."""
        for run in self._runs(row):
            if skip < len(run.text):
                cursor.insertText(run.text[skip:], self._format(run.kind, self._lines[row]))
            skip = max(0, skip - len(run.text))

    def _runs(self, row: int) -> list[Run]:
        line = self._lines[row]
        if line.note is not None:
            return [Run(note_text(line), _NOTED)]
        text = line.text.strip()
        runs = [Run(text, _SPOKEN)]
        if preview := line.preview.strip():
            runs.append(Run(joined(text, preview)[len(text) :], _PREVIEW))
        for told in self._lines.translations(row):
            kind = _TRANSLATED if told.final else _UNSURE
            runs.append(Run(f"{BREAK}{told.text.strip()}", kind))
        return runs

    def stretches(self, row: int) -> list[Stretch]:
        """Where what was spoken and each of its translations stand in the block of a line."""
        told = self._lines.translations(row)
        end = sum(_units(run.text) for run in self._runs(row)[: -len(told) or None])
        found = [Stretch("", 0, end)]
        for translation in told:
            start = end + len(BREAK)
            end = start + _units(translation.text.strip())
            found.append(Stretch(translation.language, start, end))
        return found

    def block(self, row: int) -> QTextBlock:
        return self._document.findBlockByNumber(row)

    def _block_format(self, row: int) -> QTextBlockFormat:
        style = QTextBlockFormat()
        if self._lines.label(row):
            style.setTopMargin(LABEL)
        style.setLeftMargin(GUTTER)
        style.setRightMargin(RIGHT)
        style.setBottomMargin(14)
        style.setLineHeight(132, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        return style

    def _format(self, kind: int, line: Line) -> QTextCharFormat:
        """A note warns where words are missing; it is quiet where they have come meanwhile."""
        style = QTextCharFormat()
        style.setProperty(_KIND, kind)
        colours = self._colours
        missing = line.note in (Note.GAP, Note.SKIPPED)
        colour = {
            _PREVIEW: colours.muted,
            _TRANSLATED: colours.translated,
            _UNSURE: colours.translated,
            _NOTED: colours.warn if missing else colours.muted,
        }.get(kind)
        if colour is not None:
            style.setForeground(QColor(colour))
        style.setFontItalic(kind in (_PREVIEW, _NOTED))
        return style


def _common_prefix(a: Sequence[tuple[str, int]], b: Sequence[tuple[str, int]]) -> int:
    for i, (x, y) in enumerate(zip(a, b, strict=False)):
        if x != y:
            return i
    return min(len(a), len(b))


def _units(text: str) -> int:
    """How Qt counts: signs such as emoji are two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _marked(block: QTextBlock) -> list[tuple[str, int]]:
    """The characters of `block`, each with the kind of the run that it is part of."""
    text = block.text().encode("utf-16-le", "surrogatepass")
    return [
        (char, int(found.format.intProperty(_KIND)))
        for found in block.textFormats()
        for char in text[2 * found.start : 2 * (found.start + found.length)].decode(
            "utf-16-le", "surrogatepass"
        )
    ]
