"""Translations on the caption panel: what is shown, and that it does not jump."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QToolButton

from app.core.events import LATE_UTTERANCES, Translation
from app.core.settings import TranslationSettings
from app.gui.leaving import leaving_to
from app.gui.overlay.panel import CaptionOverlay
from app.gui.overlay.translated import Translations
from app.gui.overlay.typesetting import SPOKEN, TRANSLATED, Typesetter
from tests.gui.conftest import find, words
from tests.gui.test_flow import wrap

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def flows(*languages: str, rows: int = 2) -> Translations:
    found = Translations(wrap, rows)
    found.wish(languages)
    return found


def live(utterance: int, text: str, language: str = "en") -> Translation:
    return Translation(utterance, language, text, final=False)


def final(utterance: int, text: str, language: str = "en") -> Translation:
    return Translation(utterance, language, text, final=True)


def shown(found: Translations) -> list[str]:
    return [line.text.strip() for line in found.visible]


def test_live_text_grows_and_what_was_shown_stays() -> None:
    found = flows("en")
    before: list[str] = []
    for utterance in range(4):
        grown = ""
        for n in range(12):
            grown = f"{grown} word{utterance}{n}".strip()
            found.apply(live(utterance, grown))
            lines = [line.text for line in found.visible]
            kept = [line for line in before[1:-1] if line not in lines]
            assert not kept
            before = lines
    assert found.rolled > 4


def test_the_first_final_corrects_what_is_read_and_later_ones_do_not() -> None:
    found = flows("en")
    found.apply(live(0, "The meeting"))
    assert found.apply(final(0, "This meeting begins."))
    assert found.text() == "This meeting begins."
    assert not found.apply(final(0, "A meeting begins."))
    assert not found.apply(live(0, "Something live that came late"))
    assert found.text() == "This meeting begins."


def test_a_final_equal_to_what_is_shown_changes_nothing() -> None:
    found = flows("en")
    found.apply(live(0, "All of it."))
    assert not found.apply(final(0, "All of it."))


def test_a_final_may_come_after_the_next_utterance_has_begun() -> None:
    found = flows("en", rows=3)
    found.apply(live(0, "One"))
    found.apply(live(1, "Two"))
    found.apply(final(0, "One is over."))
    assert found.text() == "One is over. Two"
    found.apply(final(3, "Four"))
    found.apply(final(2, "Three"))
    assert found.text().endswith("Two Three Four"), "in the order of what was said"


def test_what_was_caught_up_or_is_long_over_is_not_shown() -> None:
    found = flows("en")
    for n in range(6):
        found.apply(final(n, f"part{n}"))
    text = found.text()
    assert not found.apply(final(1, "too late"))
    assert not found.apply(final(LATE_UTTERANCES, "from the recording"))
    assert found.text() == text


def test_one_language_at_a_time_and_the_others_are_ready() -> None:
    found = flows("en", "ko")
    found.apply(final(0, "Hello"))
    assert not found.apply(final(0, "안녕하세요", "ko")), "it is not the one that is shown"
    assert not found.apply(final(0, "Bonjour", "fr"))
    assert found.text() == "Hello"
    found.show_next()
    assert (found.shown, found.text()) == ("ko", "안녕하세요")
    found.wish(("ko", "pt"))
    assert found.text() == "안녕하세요", "what stays is kept"
    found.wish(("pt",))
    assert (found.shown, found.text()) == ("pt", "")


def test_both_languages_stand_one_above_the_other(panel: CaptionOverlay) -> None:
    before = panel.geometry()
    panel.show_translations(("en",), "both")
    assert panel.height() > before.height() * 1.5
    assert panel.geometry().bottom() == before.bottom(), "it grows upwards"
    panel.apply(words(0, 0, "早上好"))
    panel.apply(live(0, "Good morning"))
    assert panel.text() == "早上好\nGood morning"
    image = panel.grab().toImage()
    half = image.height() // 2
    colours = [
        {image.pixelColor(x, y).rgb() & 0xFFFFFF for x in range(26, 220) for y in band}
        for band in (range(4, half), range(half, image.height() - 4))
    ]
    assert SPOKEN.sure.rgb() & 0xFFFFFF in colours[0]
    assert TRANSLATED.sure.rgb() & 0xFFFFFF in colours[1]
    assert TRANSLATED.sure.rgb() & 0xFFFFFF not in colours[0]


@pytest.mark.parametrize(("mode", "text"), [("source", "早上好"), ("target", "Good morning")])
def test_only_one_of_them(panel: CaptionOverlay, mode: str, text: str) -> None:
    panel.show_translations(("en",), "both")
    tall = panel.height()
    panel.apply(words(0, 0, "早上好"))
    panel.apply(live(0, "Good morning"))
    panel.show_translations(("en",), mode)
    assert panel.text() == text
    assert panel.height() < tall
    panel.show_translations((), mode)
    assert panel.text() == "早上好", "without a translation there is only what is spoken"


def test_the_buttons_turn_through_modes_and_languages(qtbot: QtBot, panel: CaptionOverlay) -> None:
    mode = find(panel, QToolButton, "overlayMode")
    language = find(panel, QToolButton, "overlayLanguage")
    assert mode.isHidden()
    panel.show_translations(("en", "ko"), "both")
    assert not mode.isHidden()
    assert not language.isHidden()
    asked: list[str] = []
    panel.show_asked.connect(asked.append)
    for now in ("both", "source", "target"):
        panel.show_translations(("en", "ko"), now)
        mode.click()
    assert asked == ["source", "target", "both"]
    assert panel.shown_language == "en"
    language.click()
    assert panel.shown_language == "ko"
    assert language.text() == "KO"


def test_the_menu_offers_what_the_buttons_do(panel: CaptionOverlay) -> None:
    panel.show_translations(("en", "ko"), "both")
    menu = panel.menu()
    texts = {action.text(): action for action in menu.actions() if action.text()}
    texts["한국어 (Korean)" if "한국어 (Korean)" in texts else "Korean"].trigger()
    assert panel.shown_language == "ko"
    asked: list[str] = []
    panel.show_asked.connect(asked.append)
    assert texts["Both languages"].isChecked()
    texts["Only the translation"].trigger()
    assert asked == ["target"]


def test_the_sign_that_text_leaves_takes_room_of_its_own(panel: CaptionOverlay) -> None:
    before = panel.height()
    panel.show_leaving("example.org")
    assert panel.height() > before
    panel.show_leaving("")
    assert panel.height() == before


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        (TranslationSettings(targets="en", server_url="http://a.example:8080/v1"), ""),
        (TranslationSettings(engine="server", server_url="http://a.example/v1"), ""),
        (
            TranslationSettings("en", "server", server_url="http://a.example:8080/v1"),
            "a.example:8080",
        ),
        (TranslationSettings("en", "server", server_url="https://me:key@b.example"), "b.example"),
        (TranslationSettings("en", "server", server_url="not an address"), "not an address"),
        (TranslationSettings("en", "server", server_url="http://[bad"), "http://[bad"),
    ],
)
def test_where_text_goes(settings: TranslationSettings, where: str) -> None:
    assert leaving_to(settings) == where


@pytest.mark.parametrize("text", ["今天的会议" * 20, "오늘 회의를 시작합니다 " * 9])
def test_translations_in_every_script_are_broken_to_fit(panel: CaptionOverlay, text: str) -> None:
    setter = Typesetter(22, TRANSLATED)
    starts = setter.breaks(text, 300)
    assert len(starts) > 2
    for a, b in zip(starts, [*starts[1:], len(text)], strict=True):
        assert len(setter.breaks(text[a:b].rstrip(), 301)) == 1
