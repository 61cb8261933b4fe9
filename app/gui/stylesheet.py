"""The style sheet, filled with the colours of a theme."""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

from app.gui import icons

if TYPE_CHECKING:
    from app.gui.theme import Colours

_SHEET = Template("""
QWidget { color: $text; }
QMainWindow, QDialog { background: $window; }
QToolTip { background: $raised; color: $text; border: 1px solid $border_strong; padding: 5px 8px; }
QLabel { background: transparent; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="warn"] { color: $warn; }

QFrame#topBar { background: $surface; border: none; border-bottom: 1px solid $border; }
QFrame#sidebar { background: $window; border: none; }
QFrame#centrePane, QFrame#notesPane { background: $surface; border: none; }
QFrame#notesPane { border-left: 1px solid $border; }
QFrame#centrePane { border-left: 1px solid $border; }
QFrame#leavingSign { background: $warn_soft; border: none; border-bottom: 1px solid $border; }
QFrame#paneHeader { border: none; border-bottom: 1px solid $border; background: transparent; }
QScrollArea#recoveryScroll, QWidget#recoveryInner { background: transparent; }
QFrame#separator { background: $border; border: none; }

QPushButton {
    background: $raised; border: 1px solid $border_strong; border-radius: 8px;
    padding: 7px 14px; color: $text;
}
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $pressed; }
QPushButton:focus { border: 1px solid $accent; }
QPushButton:disabled { color: $faint; border-color: $border; background: transparent; }
QPushButton[role="primary"] {
    background: $accent; color: $on_accent; border: 1px solid $accent; font-weight: 600;
}
QPushButton[role="primary"]:hover {
    background: $accent_hover; border-color: $accent_hover;
}
QPushButton[role="primary"]:focus { border: 1px solid $text; }
QPushButton[role="primary"]:disabled {
    background: $hover; color: $faint; border-color: $hover;
}
QPushButton[role="danger"] {
    background: $record; color: #ffffff; border-color: $record; font-weight: 600;
}
QPushButton[role="danger"]:hover { background: $record_hover; border-color: $record_hover; }
QPushButton[role="link"] {
    background: transparent; border: 1px solid transparent; color: $accent; padding: 4px 8px;
    font-weight: 600;
}
QPushButton[role="link"]:hover { background: $accent_soft; }
QPushButton[role="link"]:focus { border-color: $accent; }

QPushButton#recordButton {
    background: $record; color: #ffffff; border: 1px solid $record; border-radius: 19px;
    padding: 0 20px 0 14px; font-weight: 600; min-height: 36px; max-height: 36px;
}
QPushButton#recordButton:hover { background: $record_hover; border-color: $record_hover; }
QPushButton#recordButton:focus { border: 1px solid $text; }
QPushButton#recordButton:disabled {
    background: $hover; color: $faint; border-color: $hover;
}
QPushButton#stopButton, QPushButton#pauseButton {
    border-radius: 19px; padding: 0 16px 0 12px; min-height: 36px; max-height: 36px;
    font-weight: 600;
}
QPushButton#pauseButton[bare="true"] { padding: 0 9px; min-width: 20px; }

QToolButton {
    background: transparent; border: 1px solid transparent; border-radius: 8px; padding: 6px;
    color: $text;
}
QToolButton:hover { background: $hover; }
QToolButton:pressed { background: $pressed; }
QToolButton:checked { background: $accent_soft; color: $accent; }
QToolButton:focus { border-color: $accent; }
QToolButton:disabled { color: $faint; }
QToolButton::menu-indicator { image: none; }

QLineEdit, QSpinBox, QDoubleSpinBox, QPlainTextEdit {
    background: $surface; border: 1px solid $border_strong; border-radius: 8px; padding: 6px 10px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit, QTextEdit, QPlainTextEdit { placeholder-text-color: $muted; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QPlainTextEdit:focus {
    border: 1px solid $accent;
}
QLineEdit:disabled, QSpinBox:disabled { color: $faint; background: $window; }
QLineEdit#searchBox { background: $surface; border-color: $border; padding-left: 4px; }
QLineEdit#searchBox:focus { border-color: $accent; }
QLineEdit#titleEdit {
    background: transparent; border: 1px solid transparent; padding: 1px 4px; border-radius: 6px;
}
QLineEdit#titleEdit:hover { border-color: $border; }
QLineEdit#titleEdit:focus { border-color: $accent; background: $surface; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {
    width: 22px; border: none; background: transparent;
}
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: $hover; }
QAbstractSpinBox::up-arrow { image: url($chevron_up); width: 14px; height: 14px; }
QAbstractSpinBox::down-arrow { image: url($chevron_down); width: 14px; height: 14px; }

QComboBox {
    background: $surface; border: 1px solid $border_strong; border-radius: 8px;
    padding: 6px 4px 6px 10px; min-height: 20px; combobox-popup: 0;
}
QComboBox:hover { background: $hover; }
QComboBox:focus, QComboBox:on { border: 1px solid $accent; }
QComboBox:disabled { color: $faint; background: transparent; border-color: $border; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url($chevron_down); width: 16px; height: 16px; }
QComboBox::down-arrow:disabled { image: url($chevron_faint); }
QAbstractSpinBox QLineEdit, QComboBox QLineEdit {
    border: none; background: transparent; padding: 0; border-radius: 0;
}
QComboBox QAbstractItemView, QAbstractItemView#completerPopup {
    background: $raised; border: 1px solid $border_strong; border-radius: 8px; padding: 4px;
    outline: none; selection-background-color: $accent_soft; selection-color: $text;
}
QComboBox QAbstractItemView::item, QAbstractItemView#completerPopup::item {
    min-height: 30px; padding: 2px 8px; border-radius: 6px;
}
QComboBox QAbstractItemView::item:selected, QAbstractItemView#completerPopup::item:selected {
    background: $accent_soft; color: $text;
}

QTabWidget::pane { border: none; }
QTabBar { qproperty-drawBase: 0; background: transparent; }
QTabBar::tab {
    background: transparent; color: $muted; padding: 6px 2px; margin-right: 20px;
    border: none; border-bottom: 2px solid transparent;
}
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:focus { color: $accent; }
QTableWidget {
    background: $surface; border: 1px solid $border_strong; border-radius: 8px;
    gridline-color: $border; selection-background-color: $accent_soft; selection-color: $text;
}
QTableWidget:focus { border-color: $accent; }
QTableWidget QLineEdit { border: none; border-radius: 0; padding: 0 3px; }
QHeaderView { background: transparent; }
QHeaderView::section {
    background: transparent; color: $muted; border: none; border-bottom: 1px solid $border;
    padding: 5px 8px;
}

QMenu {
    background: $raised; border: 1px solid $border_strong; border-radius: 0; padding: 5px;
}
QMenu::item { padding: 7px 28px 7px 12px; border-radius: 6px; }
QMenu::item:selected { background: $accent_soft; color: $text; }
QMenu::item:disabled { color: $faint; }
QMenu::separator { height: 1px; background: $border; margin: 5px 8px; }
QMenu::icon { padding-left: 8px; }
QMenu::indicator { width: 16px; height: 16px; margin-left: 4px; }
QMenu::indicator:checked { image: url($check_accent); }

QListWidget#languagesList {
    background: $surface; border: 1px solid $border_strong; border-radius: 8px; padding: 6px;
}
QListWidget#languagesList::item { padding: 1px 6px; }
QListWidget#languagesList::item:hover { background: $hover; border-radius: 6px; }
QListWidget#languagesList::indicator {
    width: 15px; height: 15px; border: 1px solid $border_strong; border-radius: 5px;
    background: $surface;
}
QListWidget#languagesList::indicator:checked {
    background: $accent; border-color: $accent; image: url($check_on);
}
QListWidget#voicesList, QListWidget#modelsList {
    background: $surface; border: 1px solid $border_strong; border-radius: 8px; padding: 6px;
}
QListWidget#voicesList:focus, QListWidget#modelsList:focus { border-color: $accent; }
QListWidget#voicesList::item { padding: 1px 6px; border-radius: 6px; }
QListWidget#modelsList::item { padding: 4px 6px; border-radius: 6px; }
QListWidget#modelsList::item:disabled { color: $muted; }
QListWidget#voicesList::item:selected, QListWidget#modelsList::item:selected {
    background: $accent_soft; color: $text;
}

QCheckBox { spacing: 8px; }
QCheckBox::indicator {
    width: 17px; height: 17px; border: 1px solid $border_strong; border-radius: 5px;
    background: $surface;
}
QCheckBox::indicator:hover, QCheckBox::indicator:focus { border-color: $accent; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url($check_on); }
QRadioButton { spacing: 10px; padding: 4px; }
QRadioButton::indicator {
    width: 16px; height: 16px; border: 1px solid $border_strong; border-radius: 9px;
    background: $surface;
}
QRadioButton::indicator:hover, QRadioButton::indicator:focus { border-color: $accent; }
QRadioButton::indicator:checked { border: 5px solid $accent; background: $on_accent;
    width: 8px; height: 8px; }

QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $border_strong; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $accent; }
QSlider::handle:horizontal {
    width: 16px; height: 16px; margin: -6px 0; border-radius: 8px; background: $accent;
    border: none;
}
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { background: $accent_hover; }

QProgressBar {
    background: $hover; border: none; border-radius: 3px; min-height: 6px; max-height: 6px;
}
QProgressBar::chunk { background: $accent; border-radius: 3px; }

QListView { background: transparent; border: none; outline: none; }
QTextEdit { background: transparent; border: none;
    selection-background-color: $accent; selection-color: $on_accent; }
QSplitter::handle { background: transparent; width: 1px; }

QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar::handle:vertical { background: $scroll; border-radius: 3px; min-height: 36px;
    margin: 3px; }
QScrollBar::handle:vertical:hover { background: $faint; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle:horizontal { background: $scroll; border-radius: 3px; min-width: 36px;
    margin: 3px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QFrame#message { border-radius: 10px; border: 1px solid $border; background: $raised; }
QFrame#message[kind="info"] { background: $accent_soft; border-color: $accent_soft; }
QFrame#message[kind="success"] { background: $good_soft; border-color: $good_soft; }
QFrame#message[kind="warning"] { background: $warn_soft; border-color: $warn_soft; }
QFrame#message[kind="error"] { background: $record_soft; border-color: $record_soft; }
QFrame#card { background: $raised; border: 1px solid $border; border-radius: 10px; }
QFrame#savingCard { background: $raised; border: 1px solid $border_strong; border-radius: 12px; }
QWidget#veil { background: $veil; }
QPushButton#jumpButton {
    background: $raised; border: 1px solid $border_strong; border-radius: 16px;
    padding: 5px 14px 5px 10px; color: $accent; font-weight: 600;
}
QPushButton#jumpButton:hover { background: $hover; }
QLabel#elapsedLabel { font-weight: 600; }
""")


def style_sheet(colours: Colours) -> str:
    """Qt style sheet of the whole program in `colours`."""
    values = {name: getattr(colours, name) for name in colours.__dataclass_fields__}
    red, green, blue = (int(colours.window[i : i + 2], 16) for i in (1, 3, 5))
    return _SHEET.substitute(
        values,
        veil=f"rgba({red}, {green}, {blue}, 190)",
        chevron_down=icons.tinted_file("chevron-down", colours.muted),
        chevron_up=icons.tinted_file("chevron-up", colours.muted),
        chevron_faint=icons.tinted_file("chevron-down", colours.border_strong),
        check_on=icons.tinted_file("check", colours.on_accent),
        check_accent=icons.tinted_file("check", colours.accent),
    )
