"""Choosing languages to translate into, what is in the way, models, licences and the server."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
)

from app.core.errors import ModelError, PairMissingError
from app.core.events import StageChanged, StageState
from app.core.settings import Settings, TranslationSettings, load_settings
from app.gui import fonts
from app.gui.dialogs.ask import LicenceQuestion, Question
from app.gui.dialogs.language_list import CODE
from app.gui.dialogs.models import ModelsPage, title_of
from app.gui.dialogs.targets import TargetsDialog
from app.gui.leaving import LeavingSign
from app.gui.rows import TranslationPlan
from tests.fakes.window.models import BASE, EN_KO, NLLB, ZH_EN
from tests.gui.conftest import Program, find

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def dialog_of(program: Program) -> TargetsDialog:
    program.find(QToolButton, "translateButton").click()
    program.idle()
    return find(program.window, TargetsDialog)


def check(dialog: TargetsDialog, *codes: str) -> None:
    rows = [dialog.languages.list.item(row) for row in range(dialog.languages.list.count())]
    for item in rows:
        on = item.data(CODE) in codes
        item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)


def choose(program: Program, *codes: str, engine: str = "auto") -> None:
    dialog = dialog_of(program)
    dialog.engine.setCurrentIndex(dialog.engine.findData(engine))
    check(dialog, *codes)
    dialog.agree.click()
    program.idle()


def test_languages_are_chosen_remembered_and_recorded_with(program: Program) -> None:
    button = program.find(QToolButton, "translateButton")
    assert not button.isChecked()
    choose(program, "en")
    assert button.isChecked()
    assert button.text() == "EN"
    program.desktop.preferences.flush()
    kept = load_settings(program.services.paths.settings).settings.translation
    assert kept.languages == ("en",)
    live = program.record()
    assert (live.wish.targets, live.wish.translator) == (("en",), "auto")
    assert program.desktop.captions.panel.shown_language == "en"


def test_the_button_names_a_language_and_counts_the_rest(program: Program) -> None:
    program.window.bar.show_targets(("en", "ko", "zh", "pt"))
    button = program.find(QToolButton, "translateButton")
    assert button.text() == "EN +3"
    assert "Português" in button.toolTip() or "Portuguese" in button.toolTip()


def test_what_cannot_be_translated_is_said_in_the_dialog_with_a_download(program: Program) -> None:
    dialog = dialog_of(program)
    check(dialog, "ko")
    program.idle()
    assert find(dialog, QLabel, "obstacleText").text() == "Nothing translates into ko."
    find(dialog, QPushButton, "obstacleDownload").click()
    find(program.window, QPushButton, "agreeButton").click()
    program.services.models.arrived.set()
    program.idle()
    program.bot.waitUntil(lambda: not _cards(dialog))
    assert EN_KO.name in [r.name for r in program.services.models.pairs if r.installed]
    assert program.window.bar.models.chosen_model == "base", "it is no model for recognition"


def _cards(dialog: TargetsDialog) -> list[QLabel]:
    labels = dialog.findChildren(QLabel, "obstacleText")
    return [label for label in labels if label.isVisible()]


def test_an_obstacle_without_a_package_has_its_hint(program: Program) -> None:
    dialog = dialog_of(program)
    check(dialog, "zu")
    program.idle()
    text = find(dialog, QLabel, "obstacleText").text()
    assert text == "Nothing translates into zu. Choose another engine."
    assert not dialog.findChildren(QPushButton, "obstacleDownload")


def test_before_a_meeting_the_message_centre_says_what_will_be_missing(program: Program) -> None:
    choose(program, "en", "ko")
    assert "Nothing translates into ko." in program.texts()
    message = program.desktop.messages.current[-1]
    assert message.button is not None
    choose(program, "en")
    assert "Nothing translates into ko." not in program.texts()


def test_the_languages_that_are_spoken_are_checked(program: Program) -> None:
    choose(program, "en")
    program.window.bar.languages.choose("ko,zh")
    program.desktop.translating.check()
    program.idle()
    last = program.services.translators.plans[-1]
    assert last == TranslationPlan(("ko", "zh"), ("en",), "auto", BASE.name)


def test_a_running_meeting_follows_the_choice(program: Program) -> None:
    live = program.record()
    dialog = dialog_of(program)
    assert not dialog.engine.isEnabled()
    check(dialog, "en", "ko")
    dialog.agree.click()
    assert live.calls[-1] == "translate to en,ko"
    assert program.desktop.captions.panel.shown_language == "en"
    dialog = dialog_of(program)
    check(dialog)
    assert dialog.agree.text() == "Do not translate"
    dialog.agree.click()
    assert live.calls[-1] == "translate to "
    assert program.desktop.captions.panel.shown_language == ""


def test_a_failure_is_said_once_for_each_language(program: Program) -> None:
    program.record()
    failed = StageChanged("translate:ko", StageState.FAILED, "The package is damaged.", "Pull it")
    program.tell(failed, failed, replace(failed, stage="translate", error="It is out of memory"))
    said = [text for text in program.texts() if text.startswith("Captions are not translated")]
    assert len(said) == 2
    assert "The package is damaged." in said[0]
    assert said[1] == "Captions are not translated: It is out of memory."
    assert not any(text.startswith("There are no captions") for text in program.texts())


def test_an_engine_offers_what_it_knows(program: Program) -> None:
    dialog = dialog_of(program)
    dialog.engine.setCurrentIndex(dialog.engine.findData("whisper"))
    dialog.engine.activated.emit(dialog.engine.currentIndex())
    assert dialog.languages.list.count() == 1


def test_what_a_running_meeting_cannot_do_is_said_and_nothing_else_changes(
    program: Program,
) -> None:
    choose(program, "en")
    live = program.record()
    choose(program, "en", "ko")
    assert "Nothing translates into ko." in program.texts()
    live.refuse = PairMissingError("This meeting was started without translation")
    choose(program, "zh")
    assert "This meeting was started without translation." in program.texts()
    assert program.desktop.preferences.settings.translation.languages == ("en", "ko")


def test_failures_of_the_last_meeting_go_with_the_next(program: Program) -> None:
    program.record()
    program.tell(StageChanged("translate:ko", StageState.FAILED, "It is damaged"))
    program.stop()
    assert any("It is damaged" in text for text in program.texts())
    program.record()
    assert not any("It is damaged" in text for text in program.texts())


# The server


def use_server(program: Program, url: str = "http://box.example:11434/v1") -> None:
    program.desktop.preferences.change("translation", server_url=url)
    choose(program, "en", engine="server")


def test_while_text_leaves_the_window_and_the_captions_say_so(program: Program) -> None:
    sign = find(program.window, LeavingSign)
    use_server(program)
    assert sign.isHidden(), "nothing leaves before a meeting"
    program.record()
    assert sign.isVisible()
    assert "box.example:11434" in find(sign, QLabel, "leavingText").text()
    tall = program.desktop.captions.panel.height()
    find(sign, QPushButton, "leavingStop").click()
    assert sign.isHidden()
    assert program.live.calls[-1] == "translate to "
    assert program.desktop.captions.panel.height() < tall


def test_a_server_is_off_by_default_and_says_where_text_goes(program: Program) -> None:
    assert Settings().translation.engine == "auto"
    assert Settings().translation.server_url == ""
    dialog = dialog_of(program)
    dialog.engine.setCurrentIndex(dialog.engine.findData("server"))
    dialog.engine.activated.emit(dialog.engine.currentIndex())
    assert "Enter the address" in find(dialog, QLabel, "targetsAbout").text()
    dialog.reject()
    use_server(program)
    dialog = dialog_of(program)
    assert "sent to box.example:11434" in find(dialog, QLabel, "targetsAbout").text()


def test_the_server_is_entered_in_the_settings(program: Program) -> None:
    program.desktop.show_settings()
    line = program.find(QLineEdit, "setting_translation_server_url")
    line.setText("http://box.example/v1")
    line.textEdited.emit(line.text())
    program.find(QLineEdit, "setting_translation_server_model").textEdited.emit("m")
    kept = program.desktop.preferences.settings.translation
    assert (kept.server_url, kept.server_model) == ("http://box.example/v1", "m")
    assert line.text() == "http://box.example/v1"


# Models


@pytest.fixture
def page(qtbot: QtBot) -> ModelsPage:
    found = ModelsPage()
    qtbot.addWidget(found)
    found.show_models([("Translation", [ZH_EN, EN_KO, NLLB]), ("Speech to text", [BASE])])
    return found


def shown(page: ModelsPage) -> list[str]:
    items = [page.list.item(row) for row in range(page.list.count())]
    return [item.text().split("  ·")[0] for item in items if not item.isHidden()]


def test_the_list_has_the_languages_of_each_package(page: ModelsPage) -> None:
    assert shown(page)[0] == "Translation"
    assert title_of(ZH_EN) in shown(page)
    assert "English" in title_of(ZH_EN)
    page.search.setText("korean")
    assert shown(page) == ["Translation", title_of(EN_KO)]
    page.search.setText("nothing like it")
    assert shown(page) == []


def test_what_is_installed_can_be_removed_and_the_rest_fetched(
    qtbot: QtBot, page: ModelsPage
) -> None:
    page.choose("argos-zh-en")
    assert (page.pull.isEnabled(), page.remove.isEnabled()) == (False, True)
    page.choose("argos-en-ko")
    assert (page.pull.isEnabled(), page.remove.isEnabled()) == (True, False)
    with qtbot.waitSignal(page.pull_asked) as told:
        page.pull.click()
    assert told.args == [EN_KO]
    assert "CC-BY-4.0" in find(page, QLabel, "modelAbout").text()
    page.show_progress("argos-en-ko", 0.25)
    assert find(page, QLabel, "modelAbout").text() == "Downloading argos-en-ko: 25 %"
    assert not page.pull.isEnabled(), "one at a time"


def manager(program: Program) -> ModelsPage:
    program.desktop.show_settings()
    program.idle()
    return program.find(ModelsPage, "modelsPage")


def test_a_licence_must_be_accepted_before_its_download(program: Program) -> None:
    page = manager(program)
    page.choose(NLLB.name)
    page.pull.click()
    question = find(program.window, LicenceQuestion)
    assert find(question, QPlainTextEdit, "licenceText").toPlainText() == NLLB.conditions
    assert not question.agree.isEnabled()
    question.agree.click()
    assert not program.desktop.models._downloads.busy
    question.accepted_box.setChecked(True)
    question.agree.click()
    program.bot.waitUntil(lambda: "nllb-600M" in find(page, QLabel, "modelAbout").text())
    program.services.models.arrived.set()
    program.idle()
    page.choose(NLLB.name)
    program.bot.waitUntil(page.remove.isEnabled)


def test_a_model_is_removed_after_a_question(program: Program) -> None:
    page = manager(program)
    page.choose(ZH_EN.name)
    page.remove.click()
    find(program.window, Question).agree.click()
    program.idle()
    assert not any(row.installed for row in program.services.models.pairs)


def test_a_model_that_cannot_be_removed_stays_and_it_is_said(program: Program) -> None:
    program.services.models.stuck = ModelError("The model is in use", hint="Stop the meeting.")
    page = manager(program)
    page.choose(ZH_EN.name)
    page.remove.click()
    find(program.window, Question).agree.click()
    program.idle()
    assert "The model is in use." in program.texts()
    assert find(page, QListWidget, "modelsList").count() == 9


def test_every_language_has_a_name() -> None:
    assert fonts.search_name("zu").startswith(("IsiZulu", "isiZulu", "Zulu"))
    assert fonts.search_name("kmb") == "Kimbundu"
    assert "Portuguese" in fonts.search_name("pt-BR")
    assert fonts.search_name("qqq") == "qqq"
    assert TranslationSettings(targets="en, ko,en,").languages == ("en", "ko")


def test_a_package_that_arrives_during_a_meeting_is_used_in_it(program: Program) -> None:
    program.window.bar.languages.choose("en")
    live = program.record()
    program.desktop.translating.use(("ko",), "")
    program.idle()
    (message,) = program.desktop.messages.current
    assert message.button is not None, "offers the package"
    program.services.models.arrived.set()
    program.desktop.models._downloads.start(EN_KO)
    program.idle()
    assert live.calls.count("translate to ko") == 2
    assert message.text not in program.texts()
