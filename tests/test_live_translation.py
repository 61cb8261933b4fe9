"""A meeting whose captions are translated: they never wait for it, and outlive it."""

from __future__ import annotations

import threading

import pytest

from app import translating, translation
from app.core.errors import PairMissingError, TranslationError
from app.core.events import CaptionEdited, FinalCaption, StageChanged, Translation
from app.session.store import SessionStore
from app.translate.glossary import Entry, Glossary
from app.translation import TranslationWish
from tests.fakes.translators import FakeEngine, FakePair
from tests.live_scene import PATIENCE, TALK, Scene, failed
from tests.live_scene import scene as scene

WISH = TranslationWish(("pt",))


class Waiting(FakePair):
    """Answers when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go_on = threading.Event()

    def translate(self, text: str, prefix: str = "") -> str:
        self.may_go_on.wait(PATIENCE)
        return super().translate(text, prefix)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    made = FakeEngine({("en", "pt"): FakePair(), ("en", "ko"): FakePair()})
    monkeypatch.setattr(translation, "engine_for", lambda *_: made)
    return made


def stored(scene: Scene) -> list[list[tuple[str, str]]]:
    """Language and text of the translations of each line of the only meeting."""
    store = SessionStore(scene.paths.meetings)
    (info,) = store.list()
    lines = store.read(info.id).transcript.lines
    return [[(found.language, found.text) for found in line.translations] for line in lines]


def test_translations_are_told_and_kept(scene: Scene, engine: FakeEngine) -> None:
    meeting = scene.meeting(translation=TranslationWish(("pt", "ko")))
    meeting.start()
    scene.source.play(TALK.samples)
    meeting.stop()
    assert stored(scene) == [
        [("pt", "ONE TWO END."), ("ko", "ONE TWO END.")],
        [("pt", "THREE END."), ("ko", "THREE END.")],
    ]
    finals = [e for e in scene.heard.of(Translation) if e.final]
    assert sorted((e.utterance, e.language) for e in finals) == [
        (0, "ko"), (0, "pt"), (1, "ko"), (1, "pt")
    ]  # fmt: skip
    assert not engine.is_open


@pytest.mark.usefixtures("engine")
def test_what_cannot_be_translated_is_said_before_the_meeting(scene: Scene) -> None:
    meeting = scene.meeting(translation=TranslationWish(("ja",)))
    with pytest.raises(PairMissingError):
        meeting.start()
    assert SessionStore(scene.paths.meetings).list() == []


@pytest.mark.usefixtures("engine")
def test_languages_change_while_it_runs(scene: Scene) -> None:
    meeting = scene.meeting(translation=TranslationWish())
    meeting.start()
    with pytest.raises(PairMissingError):
        meeting.translate_to(("ja",))
    meeting.translate_to(("ko",))
    scene.source.play(TALK.samples)
    meeting.stop()
    assert stored(scene) == [[("ko", "ONE TWO END.")], [("ko", "THREE END.")]]


def test_a_meeting_without_translation_refuses_it(scene: Scene) -> None:
    meeting = scene.meeting()
    meeting.start()
    with pytest.raises(TranslationError):
        meeting.translate_to(("ko",))
    meeting.stop()


def test_captions_never_wait_for_a_translator_that_stands_still(
    scene: Scene, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translating, "_BACKLOG", 1)
    pair = engine.pairs["en", "pt"] = Waiting()
    meeting = scene.meeting(translation=WISH)
    meeting.start()
    scene.source.play(TALK.samples)
    try:
        scene.heard.wait_for(lambda e: isinstance(e, FinalCaption) and e.utterance == 1)
    finally:
        pair.may_go_on.set()
    meeting.stop()
    assert stored(scene) == [[("pt", "ONE TWO END.")], [("pt", "THREE END.")]]


def test_captions_and_other_languages_go_on_when_one_fails(
    scene: Scene, engine: FakeEngine
) -> None:
    engine.pairs["en", "pt"].problem = TranslationError("The model broke", hint="Fetch it.")
    meeting = scene.meeting(translation=TranslationWish(("pt", "ko")))
    meeting.start()
    scene.source.play(TALK.samples)
    meeting.stop()
    failure = scene.heard.wait_for(failed("translate:pt"))
    assert isinstance(failure, StageChanged)
    assert (failure.error, failure.hint) == ("The model broke", "Fetch it.")
    assert stored(scene) == [[("ko", "ONE TWO END.")], [("ko", "THREE END.")]]
    assert len([e for e in scene.heard.of(StageChanged) if e.stage == "translate:pt"]) == 1


@pytest.mark.usefixtures("engine")
def test_a_line_that_a_person_corrects_is_translated_anew(scene: Scene) -> None:
    meeting = scene.meeting(translation=WISH)
    meeting.start()
    scene.source.play(TALK.samples)
    scene.heard.wait_for(lambda e: isinstance(e, Translation) and e.final)
    meeting.tell(CaptionEdited(0, "one too"))
    scene.heard.wait_for(lambda e: e == Translation(0, "pt", "ONE TOO", final=True))
    meeting.stop()
    assert stored(scene)[0] == [("pt", "ONE TOO")]


@pytest.mark.usefixtures("engine")
def test_the_meetings_glossary_is_kept_with_it(scene: Scene) -> None:
    own = Glossary((Entry("two", "Dois", "pt"),))
    meeting = scene.meeting(translation=TranslationWish(("pt",), glossary=own))
    meeting.start()
    folder = meeting.session.folder
    scene.source.play(TALK.samples)
    meeting.stop()
    assert stored(scene)[0] == [("pt", "ONE Dois END.")]
    assert translation.load_glossary(folder / translation.GLOSSARY) == own
