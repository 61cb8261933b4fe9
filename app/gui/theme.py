"""Colours, fonts and the style sheet: one calm look in light and dark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette

from app.gui import icons
from app.gui.stylesheet import style_sheet

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

GENERIC_FAMILIES = frozenset({"Sans", "Sans Serif", "DejaVu Sans", ""})
BETTER_FAMILIES = ("Inter", "Noto Sans", "Cantarell", "Ubuntu", "Open Sans", "Roboto")


@dataclass(frozen=True, slots=True)
class Colours:
    """Every colour in the program, by its role."""

    window: str
    surface: str
    raised: str
    hover: str
    pressed: str
    border: str
    border_strong: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_hover: str
    accent_soft: str
    on_accent: str
    record: str
    record_hover: str
    record_soft: str
    good: str
    warn: str
    translated: str
    good_soft: str
    warn_soft: str
    scroll: str


LIGHT = Colours(
    window="#f4f5f8",
    surface="#ffffff",
    raised="#ffffff",
    hover="#eef0f5",
    pressed="#e3e7ef",
    border="#e2e5ec",
    border_strong="#cfd4de",
    text="#1b2130",
    muted="#5d677a",
    faint="#8b94a6",
    accent="#3466d8",
    accent_hover="#2a57bd",
    accent_soft="#e6edfc",
    on_accent="#ffffff",
    record="#d92f3c",
    record_hover="#bf2430",
    record_soft="#fcebec",
    good="#1f8a52",
    warn="#b26a00",
    translated="#7a4b00",
    good_soft="#e6f5ec",
    warn_soft="#fdf3e0",
    scroll="#c6ccd8",
)

DARK = Colours(
    window="#14161b",
    surface="#1b1e25",
    raised="#232731",
    hover="#272c37",
    pressed="#303644",
    border="#2b303b",
    border_strong="#3d4453",
    text="#e7e9ef",
    muted="#9ba4b5",
    faint="#717b8e",
    accent="#6f9bff",
    accent_hover="#8aaeff",
    accent_soft="#23304d",
    on_accent="#0f1626",
    record="#f0525d",
    record_hover="#ff6c76",
    record_soft="#3a2126",
    good="#4cc38a",
    warn="#f0b357",
    translated="#e8c37c",
    good_soft="#1b3128",
    warn_soft="#362b19",
    scroll="#434b5b",
)


class Theme(QObject):
    """The colours in use. Widgets that paint for themselves listen to `changed`."""

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._choice = ""
        self._dark = False
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._on_system_changed)
        app.setStyle("Fusion")
        app.setFont(_interface_font())

    @property
    def dark(self) -> bool:
        return self._dark

    @property
    def colours(self) -> Colours:
        return DARK if self._dark else LIGHT

    def choose(self, choice: str) -> None:
        """`choice` is "system", "light" or "dark"."""
        self._choice = choice
        self._apply(dark=_system_is_dark() if choice == "system" else choice == "dark")

    def _on_system_changed(self) -> None:
        if self._choice == "system":
            self._apply(dark=_system_is_dark())

    def _apply(self, *, dark: bool) -> None:
        self._dark = dark
        colours = self.colours
        icons.use_colours(colours.text, colours.faint, colours.on_accent)
        self._app.setPalette(_palette(colours))
        self._app.setStyleSheet(style_sheet(colours))
        self.changed.emit()


def _system_is_dark() -> bool:
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def _interface_font() -> QFont:
    """The system's font; where that is only a fallback, a better installed one."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    if font.family() in GENERIC_FAMILIES:
        installed = set(QFontDatabase.families())
        better = next((f for f in BETTER_FAMILIES if f in installed), None)
        if better:
            font.setFamily(better)
    if font.pointSizeF() < 10:
        font.setPointSizeF(10)
    font.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    return font


def scaled(font: QFont, factor: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """`font` at another size and weight."""
    copy = QFont(font)
    copy.setPointSizeF(font.pointSizeF() * factor)
    copy.setWeight(weight)
    return copy


def _palette(colours: Colours) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: colours.window,
        QPalette.ColorRole.WindowText: colours.text,
        QPalette.ColorRole.Base: colours.surface,
        QPalette.ColorRole.AlternateBase: colours.window,
        QPalette.ColorRole.Text: colours.text,
        QPalette.ColorRole.PlaceholderText: colours.muted,
        QPalette.ColorRole.Button: colours.raised,
        QPalette.ColorRole.ButtonText: colours.text,
        QPalette.ColorRole.BrightText: colours.record,
        QPalette.ColorRole.Highlight: colours.accent,
        QPalette.ColorRole.HighlightedText: colours.on_accent,
        QPalette.ColorRole.ToolTipBase: colours.raised,
        QPalette.ColorRole.ToolTipText: colours.text,
        QPalette.ColorRole.Link: colours.accent,
        QPalette.ColorRole.Mid: colours.border,
        QPalette.ColorRole.Dark: colours.border_strong,
        QPalette.ColorRole.Light: colours.raised,
        QPalette.ColorRole.Shadow: colours.border_strong,
    }
    for role, value in roles.items():
        palette.setColor(role, QColor(value))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours.faint))
    return palette
