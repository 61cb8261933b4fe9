"""The settings dialog, built from what stands beside each setting."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.gui.dialogs.folder import FolderCard
from app.gui.recording.box import WideBox
from app.gui.theme import scaled

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.core.settings import Range, Settings

SHOWN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("general", ("theme",)),
    ("overlay", ("visible", "font_size", "lines", "opacity")),
    ("recognition", ("policy", "preset", "threads")),
)
RECORDING = (("recording", ("compress",)),)
SPEAKERS = (("speakers", ("engine", "number", "final_pass", "own_voice", "profiles")),)
TRANSLATION = (
    ("translation", ("overlay",)),
    ("translation", ("server_url", "server_model", "server_key", "server_timeout")),
)
"""Topic -> the settings that have no better place in the window."""


def _words(text: str) -> str:
    return QCoreApplication.translate("Settings", text)


TOPICS = {
    "general": "General",
    "overlay": "Captions",
    "recognition": "Recognition",
    "recording": "Recordings",
    "speakers": "Speakers",
    "translation": "Translation",
}
SERVER_TITLE = "Server (Ollama, llama.cpp, vLLM, …)"
EXAMPLES = {
    "server_url": "http://localhost:11434/v1",
    "server_model": "qwen2.5:7b",
    "server_key": "MY_SERVER_KEY",
}
LABEL_WIDTH = 210
"""Pixels; a longer title has several lines, so that there is room beside it in a small dialog."""
COMBO_LETTERS = 16
SPIN_INSET = 8
"""Pixels that the style sheet's padding does not give to these boxes."""
CHOICES = {
    "system": "Like the system",
    "light": "Light",
    "dark": "Dark",
    "auto": "What suits this computer",
    "ultra-fast": "Fastest",
    "balanced": "Balanced",
    "accurate": "Most accurate",
    "alignatt": "Word by word (AlignAtt)",
    "local-agreement": "When two looks agree (LocalAgreement)",
    "offline": "In whole passages, later (offline)",
    "off": "No",
    "embedded": "Any number of people",
    "both": "Both languages",
    "source": "Only what is spoken",
    "target": "Only the translation",
    "flac": "FLAC, without loss (about half)",
    "opus": "Opus (about a tenth)",
    "sortformer": "Up to four people (Sortformer)",
}


@dataclass(frozen=True, slots=True)
class OwnPages:
    """What others make: `voices` stands below the settings for speakers.

    `folder` is where meetings are kept.
    """

    folder: Path
    vocabulary: QWidget
    voices: QWidget
    models: QWidget


class SettingsDialog(QDialog):
    """Every change takes effect at once: `changed` gives the new Settings.

    The `own` pages of others are shown beside those that are made from the settings.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget, settings: Settings, own: OwnPages) -> None:
        super().__init__(parent)
        self.setObjectName("settingsDialog")
        self.setWindowTitle(self.tr("Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(600)
        self._settings = settings
        self._showing = False
        self._processor = self._make_processor()
        self._setters: dict[tuple[str, str], Callable[[Any], object]] = {}
        pages = QTabWidget()
        pages.setObjectName("settingsPages")
        pages.setDocumentMode(True)
        pages.addTab(self._page(SHOWN, self._processor), self.tr("Program"))
        pages.addTab(self._page(RECORDING, FolderCard(own.folder)), self.tr("Recording"))
        pages.addTab(self._page(SPEAKERS, own.voices), self.tr("Speakers"))
        pages.addTab(self._page(TRANSLATION, self._about_server()), self.tr("Translation"))
        pages.addTab(own.models, self.tr("Models"))
        pages.addTab(own.vocabulary, self.tr("Vocabulary"))
        self.pages = pages
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 20)
        column.setSpacing(14)
        column.addWidget(pages)
        column.addLayout(self._buttons())

    @property
    def settings(self) -> Settings:
        return self._settings

    def show_processor(self, clause: str) -> None:
        """Where recognition runs, such as "the CPU (int8), because …"."""
        self._processor.setText(self.tr("Recognition runs on {place}.").format(place=clause))
        self._processor.show()

    def _make_processor(self) -> QLabel:
        label = QLabel()
        label.setObjectName("processorLabel")
        label.setProperty("role", "muted")
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.hide()
        return label

    def adopt(self, settings: Settings) -> None:
        """Show settings that were changed elsewhere."""
        self._settings = settings
        self._showing = True
        for (topic, name), show in self._setters.items():
            show(getattr(getattr(settings, topic), name))
        self._showing = False

    def _page(self, topics: tuple[tuple[str, tuple[str, ...]], ...], *below: QWidget) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(10)
        for topic, names in topics:
            title = SERVER_TITLE if names[0].startswith("server") else TOPICS[topic]
            column.addWidget(self._heading(_words(title)))
            column.addWidget(self._card(topic, names))
            column.addSpacing(6)
        for widget in below:
            column.addWidget(widget)
        column.addStretch(1)
        return page

    def _heading(self, text: str) -> QLabel:
        label = QLabel(text)
        label.setFont(scaled(self.font(), 1.05, QFont.Weight.DemiBold))
        return label

    def _card(self, topic: str, names: tuple[str, ...]) -> QFrame:
        card = QFrame()
        card.setObjectName("card")
        card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        form = QFormLayout(card)
        form.setContentsMargins(16, 14, 16, 14)
        form.setHorizontalSpacing(24)
        form.setVerticalSpacing(12)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        values = getattr(self._settings, topic)
        ranges = {f.name: f.metadata["range"] for f in fields(values)}
        for name in names:
            limits: Range = ranges[name]
            title = _words(limits.title)
            widget = self._widget(topic, name, limits, getattr(values, name))
            widget.setAccessibleName(title)
            label = QLabel(title)
            label.setBuddy(widget)
            label.setWordWrap(True)
            label.setFixedWidth(LABEL_WIDTH)
            label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
            form.addRow(label, widget)
        return card

    def _widget(self, topic: str, name: str, limits: Range, value: object) -> QWidget:
        widget: QWidget
        if isinstance(value, bool):
            widget = self._check(topic, name, value=value)
        elif limits.choices:
            widget = self._combo(topic, name, limits, str(value))
        elif isinstance(value, str):
            widget = self._line(topic, name, value)
        elif isinstance(value, float) and limits.unit:
            widget = self._seconds(topic, name, limits, value)
        elif isinstance(value, int):
            widget = self._spin(topic, name, limits, value)
        else:
            assert isinstance(value, float)
            widget = self._slider(topic, name, limits, value)
        widget.setObjectName(f"setting_{topic}_{name}")
        return widget

    def _check(self, topic: str, name: str, *, value: bool) -> QCheckBox:
        box = QCheckBox()
        box.setChecked(value)
        box.toggled.connect(lambda on: self._set(topic, name, on))
        self._setters[topic, name] = box.setChecked
        return box

    def _combo(self, topic: str, name: str, limits: Range, value: str) -> QComboBox:
        box = WideBox()
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(COMBO_LETTERS)
        for choice in limits.choices:
            box.addItem(_words(CHOICES.get(choice, choice)), choice)
        box.setCurrentIndex(box.findData(value))
        box.activated.connect(lambda i: self._set(topic, name, box.itemData(i)))
        self._setters[topic, name] = lambda v: box.setCurrentIndex(box.findData(v))
        return box

    def _spin(self, topic: str, name: str, limits: Range, value: int) -> QSpinBox:
        box = QSpinBox()
        box.lineEdit().setTextMargins(SPIN_INSET, 0, 0, 0)
        box.setRange(int(limits.low or 0), int(limits.high if limits.high is not None else 999))
        box.setSuffix(f" {limits.unit}" if limits.unit else "")
        box.setValue(value)
        box.valueChanged.connect(lambda v: self._set(topic, name, v))
        self._setters[topic, name] = box.setValue
        return box

    def _line(self, topic: str, name: str, value: str) -> QLineEdit:
        line = QLineEdit(value)
        line.textEdited.connect(lambda text: self._set(topic, name, text.strip()))
        line.setPlaceholderText(_words(EXAMPLES.get(name, "")))

        def show(text: str) -> None:
            if line.text().strip() != text:  # else the cursor would jump while typing
                line.setText(text)

        self._setters[topic, name] = show
        return line

    def _seconds(self, topic: str, name: str, limits: Range, value: float) -> QSpinBox:
        """A whole number of a unit."""
        box = QSpinBox()
        box.lineEdit().setTextMargins(SPIN_INSET, 0, 0, 0)
        box.setRange(int(limits.low or 0), int(limits.high if limits.high is not None else 999))
        box.setSuffix(f" {limits.unit}")
        box.setValue(round(value))
        box.valueChanged.connect(lambda v: self._set(topic, name, float(v)))
        self._setters[topic, name] = lambda v: box.setValue(round(v))
        return box

    def _about_server(self) -> QLabel:
        label = QLabel(
            self.tr(
                "Nothing is sent anywhere unless you choose “A server of yours” where you choose "
                "the languages. While it is used, the window and the captions say so."
            )
        )
        label.setObjectName("serverAbout")
        label.setProperty("role", "muted")
        label.setWordWrap(True)
        return label

    def _slider(self, topic: str, name: str, limits: Range, value: float) -> QWidget:
        """A share, shown in per cent."""
        slider = QSlider(Qt.Orientation.Horizontal)
        low, high = limits.low or 0.0, 1.0 if limits.high is None else limits.high
        slider.setRange(round(low * 100), round(high * 100))
        slider.setPageStep(10)
        number = QLabel()
        number.setProperty("role", "muted")
        number.setMinimumWidth(46)
        number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        slider.valueChanged.connect(lambda v: number.setText(f"{v} %"))
        slider.valueChanged.connect(lambda v: self._set(topic, name, v / 100))
        self._showing = True
        slider.setValue(round(value * 100))
        number.setText(f"{slider.value()} %")
        self._showing = False
        self._setters[topic, name] = lambda v: slider.setValue(round(v * 100))
        row = QWidget()
        row.setFocusProxy(slider)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(slider, 1)
        layout.addWidget(number)
        slider.setAccessibleName(_words(limits.title))
        return row

    def _set(self, topic: str, name: str, value: Any) -> None:
        if self._showing:
            return
        part = replace(getattr(self._settings, topic), **{name: value})
        self._settings = replace(self._settings, **{topic: part})
        self.changed.emit(self._settings)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        close = QPushButton(self.tr("Close"))
        close.setObjectName("settingsClose")
        close.setDefault(True)
        close.setProperty("role", "primary")
        close.clicked.connect(self.accept)
        row.addWidget(close)
        return row
