"""From what a user wishes to an engine: what is refused early, and saved meetings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app import translation
from app.core.errors import LanguageError, PairMissingError, StorageError, TranslationError
from app.core.events import FinalCaption, Translation, TranslationEdited
from app.core.paths import Paths, default_paths
from app.core.settings import TranslationSettings
from app.session.session import Session
from app.session.store import SessionStore
from app.translate.glossary import Entry, Glossary
from app.translation import (
    SavedTranslation,
    Spoken,
    TranslationWish,
    check_wish,
    glossary_for,
    keep_glossary,
    load_glossary,
    meeting_glossary,
    spoken_in,
    targets_of,
    translate_stage,
    wish_of,
)
from app.vocabulary.files import write_list
from tests.fakes.translators import FakeEngine, FakePair


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    """German and Korean into English, German into Portuguese."""
    pairs = [("de", "en"), ("ko", "en"), ("de", "pt")]
    made = FakeEngine({pair: FakePair() for pair in pairs})
    monkeypatch.setattr(translation, "engine_for", lambda *_: made)
    return made


@pytest.fixture
def multilingual(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translation, "is_multilingual", lambda model, _paths: model == "base")


def refused(wish: TranslationWish, spoken: Spoken) -> TranslationError:
    with pytest.raises(TranslationError) as caught:
        check_wish(wish, spoken, default_paths())
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    ("language", "model", "english", "languages"),
    [
        ("ko", "base", False, ("ko",)),
        ("KO, en,ko", "base", False, ("ko", "en")),
        ("auto", "base", False, ()),
        ("auto", "tiny.en", False, ("en",)),
        ("ko", "base", True, ("en",)),
    ],
)
def test_what_captions_are_written_in(
    language: str, model: str, english: bool, languages: tuple[str, ...]
) -> None:
    assert spoken_in(language, model, english=english).languages == languages


def test_what_can_be_translated_is_not_refused(engine: FakeEngine) -> None:
    paths = default_paths()
    check_wish(TranslationWish(("en", "pt")), Spoken(("de",)), paths)
    check_wish(TranslationWish(("en",)), Spoken(("de", "ko", "en")), paths)
    check_wish(TranslationWish(("en",)), Spoken(), paths)
    check_wish(TranslationWish(()), Spoken(("xx",)), paths)
    assert not engine.is_open


@pytest.mark.usefixtures("engine")
def test_a_pair_that_nothing_translates_is_refused_before_the_meeting() -> None:
    assert "from ko into pt" in str(refused(TranslationWish(("en", "pt")), Spoken(("de", "ko"))))
    assert "into Japanese" in str(refused(TranslationWish(("ja",)), Spoken()))


@pytest.mark.usefixtures("engine", "multilingual")
def test_recognition_stands_in_where_no_package_translates_into_english() -> None:
    check_wish(TranslationWish(("en",)), Spoken(("fr",), "base"), default_paths())
    refused(TranslationWish(("en",)), Spoken(("fr",), "small.en"))
    refused(TranslationWish(("en",), "argos"), Spoken(("fr",), "base"))
    refused(TranslationWish(("pt",)), Spoken(("fr",), "base"))


@pytest.mark.usefixtures("multilingual")
def test_whisper_is_refused_where_it_cannot_translate() -> None:
    check_wish(TranslationWish(("en",), "whisper"), Spoken(("fr",), "base"), default_paths())
    assert "into English only" in str(
        refused(TranslationWish(("pt",), "whisper"), Spoken(("fr",), "base"))
    )
    assert "understands English only" in str(
        refused(TranslationWish(("en",), "whisper"), Spoken(("fr",), "tiny.en"))
    )
    assert "while it hears" in str(refused(TranslationWish(("en",), "whisper"), Spoken(("fr",))))


def test_nothing_installed_says_what_to_pull() -> None:
    found = refused(TranslationWish(("en",)), Spoken(("zh",)))
    assert "argos-zh-en" in found.hint


def test_the_stage_is_given_all_that_was_wished(engine: FakeEngine) -> None:
    stage = translate_stage(TranslationWish(("en",)), Spoken(("de",)), default_paths())
    stage.open()
    assert engine.loaded == [("de", "en")]
    assert not stage.hears


def test_settings_and_typed_languages_are_understood() -> None:
    settings = TranslationSettings(
        targets="en, Portuguese,en", engine="argos", server_url="http://x"
    )
    wish = wish_of(settings)
    assert (wish.targets, wish.engine, wish.server.url) == (("en", "pt"), "argos", "http://x")
    assert targets_of("") == ()
    with pytest.raises(LanguageError):
        targets_of("en,Klingonese")


def test_a_glossary_that_cannot_be_read_does_not_stop_a_meeting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    paths = default_paths()
    write_list(paths.glossary, "only one column\n")
    assert glossary_for(paths) == Glossary()
    assert "not a pair" in caplog.text
    with pytest.raises(StorageError):
        load_glossary(paths.glossary)


@pytest.fixture
def session() -> Iterator[Session]:
    with SessionStore(default_paths().meetings).create("", "mic", "base", "de") as made:
        for number, text in enumerate(("eins", "zwei")):
            made.record(FinalCaption(number, 0, number, number + 0.5, text, "de", ()))
        made.record(FinalCaption(2, 0, 3.0, 3.5, "three", "en", ()))
        yield made


class TestSaved:
    def run(self, session: Session, *targets: str, paths: Paths | None = None) -> list[str]:
        work = SavedTranslation(session, TranslationWish(targets), paths or default_paths())
        return [f"{event.language} {event.text}" for event in work.run()]

    @pytest.mark.usefixtures("engine")
    def test_lines_in_other_languages_are_translated_once(self, session: Session) -> None:
        assert self.run(session, "en") == ["en EINS", "en ZWEI"]
        assert self.run(session, "en") == []
        line = session.transcript.line(0)
        assert line is not None
        assert [found.text for found in line.translations] == ["EINS"]

    def test_what_people_wrote_stays(self, session: Session, engine: FakeEngine) -> None:
        session.record(TranslationEdited(0, "en", "One!"))
        assert self.run(session, "en") == ["en ZWEI"]
        assert not engine.is_open

    @pytest.mark.usefixtures("engine")
    def test_the_meetings_own_glossary_counts_first(self, session: Session) -> None:
        write_list(default_paths().glossary, "eins\tONE\nzwei\tTWO\n")
        keep_glossary(session.folder, Glossary((Entry("eins", "Un"),)))
        assert meeting_glossary(default_paths(), session.folder).into("en")[0].translation == "Un"
        assert self.run(session, "en") == ["en Un", "en TWO"]

    @pytest.mark.usefixtures("engine")
    def test_a_language_that_cannot_be_had_changes_nothing(self, session: Session) -> None:
        with pytest.raises(PairMissingError):
            self.run(session, "pt")
        line = session.transcript.line(0)
        assert line is not None
        assert line.translations == ()

    @pytest.mark.usefixtures("engine")
    def test_it_can_be_cancelled(self, session: Session) -> None:
        work = SavedTranslation(session, TranslationWish(("en",)), default_paths())
        shares: list[float] = []
        found = work.run(shares.append, lambda: bool(shares))
        assert [event.text for event in found] == ["EINS"]
        assert shares == [pytest.approx(1 / 3)]

    def test_what_is_kept_can_be_read_again(self, session: Session, engine: FakeEngine) -> None:
        self.run(session, "en")
        meeting = SessionStore(default_paths().meetings).read(session.id)
        assert [line.translation("en") is not None for line in meeting.transcript.lines] == [
            True,
            True,
            False,
        ]
        assert engine.name == "fake"
        assert Translation(0, "en", "EINS", final=True).final
