"""The program's own icons: SVG files from `resources/icons`, tinted to fit the theme."""

from __future__ import annotations

import atexit
import tempfile
from functools import cache
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.core.resources import resource
from app.gui.guard import guarded


class _Colours:
    """What untinted icons are drawn in; set by the theme."""

    normal: ClassVar[str] = "#1b2130"
    disabled: ClassVar[str] = "#8b94a6"
    on_accent: ClassVar[str] = "#ffffff"


def use_colours(normal: str, disabled: str, on_accent: str) -> None:
    """From now on every icon without a colour of its own is drawn in these."""
    _Colours.normal, _Colours.disabled, _Colours.on_accent = normal, disabled, on_accent


@cache
def _source(name: str) -> str:
    return resource(f"icons/{name}.svg").read_text(encoding="utf-8")


@cache
def _renderer(name: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_source(name).replace("currentColor", colour).encode()))


def paint(painter: QPainter, name: str, rect: QRectF, colour: str) -> None:
    """Draw icon `name` into `rect`."""
    _renderer(name, colour).render(painter, rect)


def pixmap(name: str, size: int, colour: str, ratio: float = 1.0) -> QPixmap:
    """The icon as a picture of `size` logical pixels."""
    image = QPixmap(round(size * ratio), round(size * ratio))
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    paint(painter, name, QRectF(image.rect()), colour)
    painter.end()
    image.setDevicePixelRatio(ratio)
    return image


class _Engine(QIconEngine):
    """Draws from the SVG in the theme's colours of this moment, at any size."""

    def __init__(self, name: str, colour: str) -> None:
        super().__init__()
        self._name = name
        self._colour = colour

    @guarded
    def paint(self, painter: QPainter, rect: object, mode: QIcon.Mode, _state: QIcon.State) -> None:
        colour = self._colour or _Colours.normal
        if mode == QIcon.Mode.Disabled:
            colour = _Colours.disabled
        paint(painter, self._name, QRectF(rect), colour)  # type: ignore[call-overload]

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        image = QPixmap(size)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        self.paint(painter, image.rect(), mode, state)
        painter.end()
        return image

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._colour)


def icon(name: str, colour: str = "") -> QIcon:
    """An icon in `colour`, or in whatever the theme's text colour is when it is drawn."""
    return QIcon(_Engine(name, QColor(colour).name() if colour else ""))


def program_icon(name: str = "captionist") -> QIcon:
    """A coloured icon as a set of pictures, which trays and window managers need."""
    found = QIcon()
    for size in (16, 22, 24, 32, 48, 64, 128, 256):
        found.addPixmap(pixmap(name, size, "#000000"))
    return found


@cache
def _tinted_folder() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="captionist-icons-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


@cache
def tinted_file(name: str, colour: str) -> str:
    """Path of a tinted copy, for style sheets, which can only name files."""
    path = _tinted_folder() / f"{name}-{colour.lstrip('#')}.svg"
    path.write_text(_source(name).replace("currentColor", colour), encoding="utf-8")
    return path.as_posix()
