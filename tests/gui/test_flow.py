"""How captions fill lines and roll up, with letters of width one."""

from __future__ import annotations

from app.core.events import (
    LATE_UTTERANCES,
    FinalCaption,
    PreviewChanged,
    SpeakerNamed,
    SpeakerTurn,
    TurnsFound,
)
from app.gui.overlay.flow import CaptionFlow
from app.gui.overlay.rolling import KEPT_LINES
from tests.gui.conftest import words

WIDTH = 20


def wrap(text: str) -> list[int]:
    """Greedy, at spaces, `WIDTH` characters a line."""
    starts = [0]
    last_space = -1
    for i, letter in enumerate(text):
        if letter == " ":
            last_space = i
        elif i - starts[-1] >= WIDTH:
            starts.append(last_space + 1 if last_space >= starts[-1] else i)
    return starts if text else []


def flow(rows: int = 2) -> CaptionFlow:
    return CaptionFlow(wrap, rows)


def shown(captions: CaptionFlow) -> list[str]:
    return [line.text.strip() for line in captions.visible]


def test_words_fill_a_line_then_the_next() -> None:
    captions = flow()
    captions.apply(words(0, 0, "one two three"))
    assert shown(captions) == ["one two three"]
    captions.apply(words(0, 2, "four five six"))
    assert shown(captions) == ["one two three four", "five six"]


def test_lines_roll_up_when_the_panel_is_full() -> None:
    captions = flow()
    captions.apply(words(0, 0, "one two three four five six seven eight"))
    assert shown(captions) == ["one two three four", "five six seven eight"]
    assert captions.rolled == 0
    captions.apply(words(0, 5, "nine"))
    assert shown(captions) == ["five six seven eight", "nine"]
    assert captions.rolled == 1


def test_what_was_shown_never_moves_as_words_arrive() -> None:
    captions = flow()
    before: list[str] = []
    for i, word in enumerate(("alpha beta gamma delta epsilon zeta " * 30).split()):
        captions.apply(words(i // 7, i / 2, word))
        lines = [line.text.strip() for line in captions.lines]
        kept = before[-3:-1]  # the last line may still grow
        assert not kept or "\n".join(kept) in "\n".join(lines)
        before = lines


def test_the_preview_is_not_sure_and_is_replaced() -> None:
    captions = flow()
    captions.apply(words(0, 0, "one two"))
    captions.apply(PreviewChanged(0, " tree"))
    assert [(line.text, line.sure) for line in captions.visible] == [(" one two tree", 8)]
    captions.apply(words(0, 2, "three"))
    assert [(line.text, line.sure) for line in captions.visible] == [(" one two three", 14)]


def test_a_vanished_preview_does_not_roll_the_lines_back() -> None:
    captions = flow()
    captions.apply(words(0, 0, "one two three four five six"))
    captions.apply(PreviewChanged(0, " seven eight nine ten"))
    assert captions.top == 1
    captions.apply(PreviewChanged(0, ""))
    assert captions.top == 1
    assert shown(captions) == ["five six"]


def test_a_long_preview_never_pushes_the_newest_sure_word_out() -> None:
    captions = flow()
    captions.apply(words(0, 0, "sure"))
    captions.apply(PreviewChanged(0, " maybe" * 30))
    assert "sure" in captions.text()


def test_the_final_text_corrects_what_is_being_read_and_nothing_older() -> None:
    captions = flow()
    captions.apply(words(0, 0, "won too"))
    captions.apply(FinalCaption(0, 0, 0.0, 1.0, "One two.", "en", ()))
    assert captions.text() == "One two."
    captions.apply(words(1, 2, "three"))
    captions.apply(FinalCaption(0, 1, 0.0, 1.0, "Changed later.", "en", ()))
    captions.apply(FinalCaption(0, 2, 0.0, 1.0, "", "en", ()))
    assert captions.text() == "One two. three"


def test_late_words_of_an_older_utterance_are_not_shown_again() -> None:
    captions = flow()
    captions.apply(words(3, 0, "newer"))
    captions.apply(words(2, 0, "older"))
    assert captions.text() == "newer"


def test_old_lines_are_forgotten_and_the_text_stays_small() -> None:
    captions = flow()
    for i in range(300):
        captions.apply(words(i, i, "a few more words"))
    assert len(captions.lines) <= 2 * KEPT_LINES + 1
    assert captions.rolled > 200
    assert shown(captions)[-1].endswith("words")


def test_more_rows_show_older_lines_again() -> None:
    captions = flow()
    captions.apply(words(0, 0, "one two three four five six seven eight nine ten eleven twelve"))
    assert len(shown(captions)) == 2
    captions.resize(3)
    assert len(shown(captions)) == 3
    assert shown(captions)[-1].endswith("twelve")


def test_japanese_utterances_follow_each_other_without_a_space() -> None:
    captions = flow()
    captions.apply(FinalCaption(0, 0, 0.0, 1.0, "おはよう。", "ja", ()))
    captions.apply(FinalCaption(1, 0, 2.0, 3.0, "始めましょう", "ja", ()))
    assert captions.text() == "おはよう。始めましょう"


def test_what_is_caught_up_does_not_stand_in_the_way_of_what_is_said_now() -> None:
    captions = flow()
    captions.apply(words(3, 30.0, "said now"))
    captions.apply(FinalCaption(LATE_UTTERANCES, 0, 5.0, 6.0, "said long ago", "en", ()))
    captions.apply(words(4, 32.0, "and next"))
    assert captions.text() == "said now and next"


def test_clearing_starts_anew() -> None:
    captions = flow()
    captions.apply(words(5, 0, "old words " * 20))
    captions.clear()
    captions.apply(words(0, 0, "new"))
    assert captions.text() == "new"
    assert captions.rolled == 0


def named(speaker: int, name: str) -> str:
    return name or f"S{speaker}"


def turns(*found: tuple[float, float, int]) -> TurnsFound:
    made = tuple(SpeakerTurn(*turn) for turn in found)
    return TurnsFound(0.0, max(turn.end for turn in made), made, final=False)


def everything(captions: CaptionFlow) -> str:
    return "".join(line.text for line in captions.lines)


def labelled(captions: CaptionFlow) -> list[tuple[str, int]]:
    return [
        (line.text[name.start : name.end], name.speaker)
        for line in captions.lines
        for name in line.labels
    ]


def test_a_name_stands_where_the_speaker_changes() -> None:
    captions = CaptionFlow(wrap, 4, named)
    captions.apply(words(0, 0, "one two"))
    assert everything(captions).strip() == "one two"
    captions.apply(turns((0.0, 2.0, 0)))
    captions.apply(words(1, 5, "three four"))
    captions.apply(turns((0.0, 2.0, 0), (5.0, 6.5, 0)))
    captions.apply(words(2, 9, "five"))
    captions.apply(turns((0.0, 2.0, 0), (5.0, 6.5, 0), (9.0, 10.0, 1)))
    assert everything(captions) == "S0: one two three four S1: five"
    assert labelled(captions) == [("S0:", 0), ("S1:", 1)]


def test_a_change_within_an_utterance_has_its_name() -> None:
    captions = CaptionFlow(wrap, 4, named)
    captions.apply(turns((0.0, 1.0, 0), (1.0, 3.0, 1)))
    text = "How are you? I am fine."
    captions.apply(words(0, 0, text))
    assert everything(captions).count(":") == 2
    heard = words(0, 0, text).words
    captions.apply(FinalCaption(0, 0, 0.0, 3.0, "How are you? I am fine!", "en", heard))
    assert everything(captions).startswith("S0: How are you? ")
    assert everything(captions).endswith("fine!")


def test_a_name_given_now_is_shown_from_the_last_utterances_on() -> None:
    captions = CaptionFlow(wrap, 9, named)
    for n in range(6):
        captions.apply(words(n, 10.0 * n, "word"))
        captions.apply(turns(*((10.0 * k, 10.0 * k + 1.0, k % 2) for k in range(n + 1))))
    captions.apply(SpeakerNamed(1, "Anna"))
    assert [name for name, _ in labelled(captions)] == [
        "S0:", "S1:", "S0:", "Anna:", "S0:", "Anna:"
    ]  # fmt: skip


def test_without_turns_there_is_no_name() -> None:
    captions = CaptionFlow(wrap, 2, named)
    captions.apply(words(0, 0, "one two"))
    captions.apply(SpeakerNamed(0, "Anna"))
    captions.apply(words(1, 5, "three"))
    assert everything(captions).strip() == "one two three"
    assert labelled(captions) == []


def test_names_roll_out_with_their_lines() -> None:
    captions = CaptionFlow(wrap, 2, named)
    for n in range(200):
        captions.apply(words(n, 4.0 * n, "alpha beta"))
        found = ((4.0 * k, 4.0 * k + 1.0, k % 2) for k in range(max(0, n - 3), n + 1))
        made = tuple(SpeakerTurn(*turn) for turn in found)
        captions.apply(TurnsFound(made[0].start, 4.0 * n + 1.0, made, final=False))
        for line in captions.lines:
            for name in line.labels:
                assert line.text[name.start : name.end] == f"S{name.speaker}:"
    assert len(captions.lines) <= 2 * KEPT_LINES + 3
    assert captions.rolled > 100


def test_a_preview_that_only_ends_the_sentence_stands_at_its_word() -> None:
    captions = flow()
    captions.apply(words(0, 0, "one two"))
    captions.apply(PreviewChanged(0, "."))
    assert shown(captions) == ["one two."]
    captions.apply(PreviewChanged(0, "three"))
    assert shown(captions) == ["one two three"]
