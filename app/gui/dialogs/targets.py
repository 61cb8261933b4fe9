"""Into which languages captions are translated, and with what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.gui import fonts, icons
from app.gui.dialogs.language_list import LanguageList
from app.gui.dialogs.sheet import Sheet
from app.gui.leaving import SERVER, host_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.core.settings import TranslationSettings
    from app.gui.rows import ModelRow, Obstacle

ENGINES = ("auto", "argos", "nllw", "whisper", "server")
WARNING = "#c77700"
"""Can be read on light and on dark."""


class TargetsDialog(Sheet):
    """`chosen` gives the codes, as a tuple, and the engine.

    `looked`: the choice is another one, and `show_obstacles` is waited for. `download_asked` gives
    a ModelRow. `offered(engine)` are the languages that an engine may translate into.
    """

    chosen = Signal(object, str)
    looked = Signal()
    download_asked = Signal(object)

    def __init__(
        self,
        parent: QWidget,
        settings: TranslationSettings,
        offered: Callable[[str], Sequence[str]],
        *,
        live: bool,
    ) -> None:
        super().__init__(parent, self.tr("Translate captions"))
        self.setObjectName("targetsDialog")
        self.setMinimumSize(460, 560)
        self._offered = offered
        self._server = host_of(settings.server_url)
        self.add_hint(self.tr("Check the languages into which captions are translated."))
        self.languages = LanguageList(self._offers(settings.engine), settings.languages)
        self.column.addWidget(self.languages, 1)
        self.engine = self._make_engine(settings.engine, live=live)
        self._arrange_engine()
        self._about = self.add_hint("")
        self._about.setObjectName("targetsAbout")
        self._problems = QVBoxLayout()
        self._problems.setSpacing(6)
        self.column.addLayout(self._problems)
        self.add_buttons("", "targetsUse")
        self.agree.clicked.connect(self._on_agreed)
        self.languages.changed.connect(self._on_changed)
        self.engine.activated.connect(lambda _i: self._on_engine())
        self._update()

    def _make_engine(self, engine: str, *, live: bool) -> QComboBox:
        names = {
            "auto": self.tr("What is installed"),
            "argos": self.tr("Argos packages (one for each pair)"),
            "nllw": self.tr("NLLB (200 languages)"),
            "whisper": self.tr("The speech model (into English)"),
            "server": self.tr("A server of yours"),
        }
        box = QComboBox()
        box.setObjectName("targetsEngine")
        box.setAccessibleName(self.tr("Translate with"))
        for name in ENGINES:
            box.addItem(names[name], name)
        box.setCurrentIndex(max(0, box.findData(engine)))
        box.setEnabled(not live)
        if live:
            box.setToolTip(self.tr("This can be changed before the next meeting"))
        return box

    def _arrange_engine(self) -> None:
        row = QHBoxLayout()
        label = QLabel(self.tr("Translate with"))
        label.setBuddy(self.engine)
        row.addWidget(label)
        row.addWidget(self.engine, 1)
        self.column.addLayout(row)

    def _offers(self, engine: str) -> Sequence[str]:
        return self._offered(engine)

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(self.languages.codes)

    @property
    def engine_name(self) -> str:
        return str(self.engine.currentData())

    def _on_engine(self) -> None:
        self.languages.offer(self._offers(self.engine_name), self.targets)
        self._on_changed()

    def _on_changed(self) -> None:
        self._update()
        self.looked.emit()

    def _update(self) -> None:
        some = bool(self.targets)
        self.agree.setText(self.tr("Translate") if some else self.tr("Do not translate"))
        self._about.setText(self._about_engine())
        self._about.setVisible(bool(self._about.text()))
        self.show_obstacles([])

    def _about_engine(self) -> str:
        if self.engine_name != SERVER:
            return ""
        if not self._server:
            return self.tr("Enter the address of the server in the settings first.")
        text = self.tr("The text of the captions leaves this program: it is sent to {where}.")
        return text.format(where=self._server)

    # What is in the way

    def show_obstacles(self, found: Sequence[Obstacle]) -> None:
        """Say what cannot be translated, and offer what would help."""
        while (item := self._problems.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for obstacle in found:
            self._problems.addWidget(self._card(obstacle))

    def _card(self, obstacle: Obstacle) -> QFrame:
        card = QFrame()
        card.setObjectName("message")
        card.setProperty("kind", "warning")
        row = QHBoxLayout(card)
        row.setContentsMargins(12, 8, 10, 8)
        row.setSpacing(10)
        picture = QLabel()
        picture.setPixmap(icons.pixmap("warning", 18, WARNING, self.devicePixelRatioF()))
        row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        text = QLabel(sentence_of(obstacle))
        text.setObjectName("obstacleText")
        text.setWordWrap(True)
        text.setTextFormat(Qt.TextFormat.PlainText)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(text)
        for model in obstacle.missing[:1]:
            column.addWidget(self._download(model), 0, Qt.AlignmentFlag.AlignLeft)
        row.addLayout(column, 1)
        return card

    def _download(self, model: ModelRow) -> QPushButton:
        button = QPushButton(download_text(model))
        button.setObjectName("obstacleDownload")
        button.setProperty("role", "link")
        button.setAutoDefault(False)
        button.setToolTip(model.name)
        button.clicked.connect(lambda: self.download_asked.emit(model))
        return button

    def _on_agreed(self) -> None:
        self.accept()
        self.chosen.emit(self.targets, self.engine_name)


def sentence_of(obstacle: Obstacle) -> str:
    """What is in the way, with what to do about it if a download does not help."""
    problem = f"{obstacle.problem.rstrip('.')}."
    return problem if obstacle.missing or not obstacle.hint else f"{problem} {obstacle.hint}"


def download_text(model: ModelRow) -> str:
    """What a button says that fetches `model`."""
    name = " → ".join(fonts.native_name(code) for code in model.pair or ()) or model.name
    text = QCoreApplication.translate("TargetsDialog", "Download {name} ({size:,.0f} MB)…")
    return text.format(name=name, size=model.size_mb)
