"""The live recogniser: what it shows of words that do not stand yet."""

from __future__ import annotations

from itertools import pairwise

import pytest

from app.core.events import LanguageDetected, PreviewChanged, Word, WordsCommitted
from app.speech.transcribe.alignatt import AlignAttDecoder
from app.speech.transcribe.options import AlignAttOptions
from app.speech.transcribe.policy import Pause
from tests.fakes.speech import Speaker
from tests.speech.transcribe.listening import previews, recognise


def test_a_tail_that_is_not_sure_yet_is_a_preview_told_only_when_it_changes() -> None:
    told = recognise(Speaker().rest(1).say("one", "two", "three", "four").rest(3))
    shown = [event.text for event in previews(told)]
    assert shown[0] == " one"
    assert all(before != after for before, after in pairwise(shown))
    assert shown[-1] == ""


def test_the_preview_follows_the_committed_words() -> None:
    speaker = Speaker().rest(1).say("one", "two", "three", "four", "five", "six").rest(3)
    text = ""
    for _, event in recognise(speaker):
        if isinstance(event, WordsCommitted):
            text += "".join(word.text for word in event.words)
        if isinstance(event, PreviewChanged):
            assert " one two three four five six".startswith(text + event.text)


class Scripted(AlignAttDecoder):
    """Commits and previews what it is told to, a step each."""

    script: tuple[tuple[str, str], ...] = ()

    def step(self, pause: Pause, silence: float) -> list[Word]:
        self.fresh = 0.0
        if not self.script:
            self.preview = ""
            return []
        (commit, self.preview), self.script = self.script[0], self.script[1:]
        return [Word(commit, 1.0, 1.2, 0.9)] if commit else []


def test_a_preview_that_is_the_same_after_a_commit_is_told_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Views drop their preview when words come, and "no" was said twice."""
    monkeypatch.setattr(Scripted, "script", (("", " no"), (" no", " no"), ("", " no"), (" no", "")))
    monkeypatch.setattr(
        "app.speech.transcribe.stage.make_decoder",
        lambda model, _options, task: Scripted(model, AlignAttOptions(), task),
    )
    told = recognise(Speaker().rest(1).say("one", "one", "two", "three").rest(3))
    shown = [
        event.text if isinstance(event, PreviewChanged) else event.words[0].text
        for _, event in told
        if isinstance(event, PreviewChanged | WordsCommitted)
    ]
    assert shown == [" no", " no", " no", " no", ""], "preview, word, preview, word, nothing"
    kinds = [type(event) for _, event in told if not isinstance(event, LanguageDetected)]
    assert kinds[:4] == [PreviewChanged, WordsCommitted, PreviewChanged, WordsCommitted]
