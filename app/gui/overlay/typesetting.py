"""Breaking and drawing of caption text, in any script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)

from app.gui.transcript.voices import colour_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPainter

    from app.gui.overlay.rolling import CaptionLine

SHADOW = QColor(0, 0, 0, 190)
LINE_SPACING = 1.14


@dataclass(frozen=True, slots=True)
class TextStyle:
    """`scale` is a share of the text size that the user has chosen."""

    sure: QColor
    unsure: QColor
    weight: QFont.Weight = QFont.Weight.Medium
    scale: float = 1.0


SPOKEN = TextStyle(QColor(255, 255, 255), QColor(174, 182, 196))
TRANSLATED = TextStyle(QColor(255, 217, 128), QColor(206, 184, 136), scale=0.92)


class Typesetter:
    """Text at one size. Breaks are greedy and at word boundaries where there are any."""

    def __init__(self, points: int, style: TextStyle = SPOKEN) -> None:
        self._font = QFont()
        self._style = style
        self.line_height = 0.0
        self.set_size(points)

    def set_size(self, points: int) -> None:
        self._font = QFont(QGuiApplication.font())
        self._font.setPointSizeF(points * self._style.scale)
        self._font.setWeight(self._style.weight)
        self.line_height = QFontMetricsF(self._font).height() * LINE_SPACING

    def breaks(self, text: str, width: float) -> list[int]:
        """Offsets at which the lines of `text` begin when they are `width` pixels wide."""
        layout = self._layout(text, width)
        return [layout.lineAt(i).textStart() for i in range(layout.lineCount())]

    def draw(self, painter: QPainter, line: CaptionLine, x: float, y: float, width: float) -> None:
        """Draw a line; what is only preview is grey, names are in their speakers' colours."""
        text = line.text.rstrip()
        sure = min(line.sure, len(text))
        # WORKAROUND(PySide 6.11): of several selections `draw` takes only the first, so the
        # colours belong to the layout.
        style = self._style
        colours = [_range(0, sure, style.sure), _range(sure, len(text) - sure, style.unsure)]
        for name in line.labels:
            colour = QColor(colour_of(name.speaker, dark=True))  # the panel is dark in any theme
            colours.append(_range(name.start, min(name.end, len(text)) - name.start, colour))
        layout = self._layout(text, width, wrap=False, formats=colours)
        layout.draw(painter, QPointF(x, y + 1.5), [_range(0, len(text), SHADOW)])
        layout.draw(painter, QPointF(x, y))

    def draw_hint(self, painter: QPainter, text: str, x: float, y: float) -> None:
        layout = self._layout(text, 100_000.0, wrap=False)
        layout.draw(painter, QPointF(x, y), [_range(0, len(text), self._style.unsure)])

    def _layout(
        self,
        text: str,
        width: float,
        *,
        wrap: bool = True,
        formats: Sequence[QTextLayout.FormatRange] = (),
    ) -> QTextLayout:
        layout = QTextLayout(text, self._font)
        option = QTextOption()
        option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        mode = QTextOption.WrapMode
        option.setWrapMode(mode.WrapAtWordBoundaryOrAnywhere if wrap else mode.NoWrap)
        layout.setTextOption(option)
        layout.setFormats(formats)
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(1.0, width))
        layout.endLayout()
        return layout


def _range(start: int, length: int, colour: QColor) -> QTextLayout.FormatRange:
    found = QTextLayout.FormatRange()
    found.start = start
    found.length = length
    style = QTextCharFormat()
    style.setForeground(colour)
    found.format = style
    return found
