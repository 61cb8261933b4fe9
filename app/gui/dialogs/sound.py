"""Which devices to record, and how they sound: tried out before a meeting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.gui import icons
from app.gui.dialogs.sheet import Sheet
from app.gui.recording.meter import LevelMeter
from app.gui.recording.sources import BOTH, MIC, SYSTEM, source_name, sources_of
from app.gui.recording.state import FLOOR_DB
from app.gui.rows import Sound, SoundWish
from app.gui.theme import scaled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.gui.recording.sources import SourceBox
    from app.gui.rows import DeviceRow, SoundRow
    from app.gui.theme import Theme


class SourceCard(QFrame):
    """One source: whether to record it, from which device, its level, and what was heard."""

    play_asked = Signal(str)
    changed = Signal()

    def __init__(self, source: str, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("card")
        self._theme = theme
        self.source = source
        self.result: SoundRow | None = None
        self.check = QCheckBox(source_name(source))
        self.check.setObjectName(f"record {source}")
        self.check.setFont(scaled(self.font(), 1.0, QFont.Weight.DemiBold))
        self.device = QComboBox()
        self.device.setObjectName(f"device {source}")
        self.device.setAccessibleName(
            self.tr("Device: {source}").format(source=source_name(source))
        )
        self.meter = LevelMeter(theme)
        self._picture = QLabel()
        self._verdict = QLabel()
        self._verdict.setObjectName(f"verdict {source}")
        self._verdict.setWordWrap(True)
        self._verdict.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._verdict.setMinimumHeight(2 * self.fontMetrics().lineSpacing() + 4)
        self._verdict.setTextFormat(Qt.TextFormat.PlainText)
        self.play = QPushButton(self.tr("Play"))
        self.play.setObjectName(f"play {source}")
        self.play.setIcon(icons.icon("resume"))
        self.play.setIconSize(QSize(16, 16))
        self.play.setAutoDefault(False)
        self.play.clicked.connect(lambda: self.play_asked.emit(source))
        self.check.toggled.connect(self._on_changed)
        self.device.activated.connect(lambda _i: self._on_changed())
        self._arrange()
        self.show_result(None)

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 12, 12)
        column.setSpacing(10)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.check)
        top.addStretch(1)
        top.addWidget(self.meter)
        column.addLayout(top)
        column.addWidget(self.device)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        below.addWidget(self._verdict, 1)
        below.addWidget(self.play, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(below)

    def show_devices(self, devices: Sequence[DeviceRow], chosen: str) -> None:
        self.device.clear()
        self.device.addItem(self.tr("The system's default"), "")
        for row in devices:
            self.device.addItem(row.name, row.id)
        if self.device.findData(chosen) < 0:  # it is gone, and may come back
            self.device.addItem(chosen, chosen)
        self.device.setCurrentIndex(self.device.findData(chosen))

    @property
    def wish(self) -> SoundWish:
        return SoundWish(self.source, str(self.device.currentData() or ""))

    def _on_changed(self) -> None:
        self.device.setEnabled(self.check.isChecked())
        self.show_result(None)
        self.changed.emit()

    def show_testing(self) -> None:
        """It is being recorded right now."""
        self.show_result(None)
        text = self.tr("Listening… Please speak.")
        if self.source == SYSTEM:
            text = self.tr("Listening… Let something play.")
        self._verdict.setText(text)

    def show_result(self, row: SoundRow | None) -> None:
        """What was heard; None for nothing yet."""
        self.result = row
        self.play.setVisible(row is not None and row.clip is not None)
        self._picture.setVisible(row is not None)
        if row is None:
            self.meter.clear()
            self._verdict.setText(self.tr("Not tested yet."))
            self._show_role("muted")
            return
        good = row.verdict is Sound.FINE
        quiet = row.source == SYSTEM and row.verdict is Sound.SILENT
        colours = self._theme.colours
        icon, colour = ("success", colours.good) if good else ("warning", colours.warn)
        if quiet:
            icon, colour = "info", colours.accent
        self._picture.setPixmap(icons.pixmap(icon, 18, colour, self.devicePixelRatioF()))
        self._verdict.setText(self._words(row))
        self._show_role("" if good or quiet else "warn")

    def _show_role(self, role: str) -> None:
        self._verdict.setProperty("role", role)
        self._verdict.style().polish(self._verdict)

    def _words(self, row: SoundRow) -> str:
        if row.verdict is Sound.FAILED:
            return f"{row.error.rstrip('.')}. {row.hint}".strip()
        if row.source == SYSTEM and row.verdict is Sound.SILENT:
            return self.tr("Nothing was played. Play something meanwhile to be sure.")
        words = {
            Sound.FINE: self.tr("This sounds good."),
            Sound.QUIET: self.tr("Too quiet. Turn it up, or come closer to the microphone."),
            Sound.SILENT: self.tr("Silent. It may be muted, or not allowed to this program."),
            Sound.CLIPPING: self.tr("Too loud, so it is distorted. Turn it down."),
            Sound.NOTHING: self.tr("Nothing came. Check the device, or choose another one."),
        }[row.verdict]
        if row.clip is None:
            return words
        peak = self.tr("Loudest: {n} dB.").format(n=round(row.peak))
        return f"{words} {peak}"


class SoundDialog(Sheet):
    """`chosen` gives kind and devices as `SourceBox.choice` has them.

    `test_asked`: the checked sources are to be recorded for three seconds; `play_asked` names the
    one that is to be heard.
    """

    chosen = Signal(str, str, str)
    test_asked = Signal()
    play_asked = Signal(str)

    def __init__(self, parent: QWidget, sources: SourceBox, theme: Theme) -> None:
        super().__init__(parent, self.tr("Devices and sound test"))
        self.setObjectName("soundDialog")
        self.setMinimumWidth(500)
        self.add_hint(
            self.tr("Choose what is recorded, and hear before a meeting how it will sound.")
        )
        self.cards = {source: SourceCard(source, theme) for source in (MIC, SYSTEM)}
        wanted = sources_of(sources.choice[0])
        for source, card in self.cards.items():
            card.show_devices(sources.devices(source), sources.wanted(source))
            card.check.setChecked(source in wanted)
            card.device.setEnabled(source in wanted)
            card.changed.connect(self._update)
            card.play_asked.connect(self.play_asked)
            self.column.addWidget(card)
        self.column.addSpacing(6)
        self.test = QPushButton(self.tr("Test my sound"))
        self.test.setObjectName("soundTest")
        self.test.setIcon(icons.icon("microphone"))
        self.test.setAutoDefault(False)
        self.test.clicked.connect(self.test_asked)
        self.add_buttons(self.tr("Use these"), "soundUse", self.test)
        self.agree.clicked.connect(self._on_agreed)
        self._busy = False
        self._update()

    @property
    def wishes(self) -> list[SoundWish]:
        """What is checked."""
        return [card.wish for card in self.cards.values() if card.check.isChecked()]

    def show_level(self, source: str, peak: float) -> None:
        """The newest peak (dB)."""
        if self._busy:
            self.cards[source].meter.show_level(FLOOR_DB, peak)

    def show_busy(self, *, testing: bool = False, playing: bool = False) -> None:
        """Something is being recorded or played; neither: it is over."""
        self._busy = testing
        for card in self.cards.values():
            card.check.setEnabled(not testing)
            card.device.setEnabled(not testing and card.check.isChecked())
            card.play.setEnabled(not (testing or playing))
            if testing and card.check.isChecked():
                card.show_testing()
        self.test.setText(self.tr("Recording…") if testing else self.tr("Test my sound"))
        self._update()
        self.test.setEnabled(self.test.isEnabled() and not (testing or playing))

    def show_results(self, rows: Sequence[SoundRow]) -> None:
        for row in rows:
            card = self.cards[row.source]
            card.show_result(row)
            card.meter.show_level(FLOOR_DB, row.peak)

    def _update(self) -> None:
        some = bool(self.wishes)
        self.test.setEnabled(some)
        self.agree.setEnabled(some)

    def _on_agreed(self) -> None:
        wishes = {wish.source: wish.device for wish in self.wishes}
        self.accept()
        if len(wishes) > 1:
            self.chosen.emit(BOTH, wishes[MIC], wishes[SYSTEM])
        else:
            for source, device in wishes.items():
                self.chosen.emit(source, device, "")
