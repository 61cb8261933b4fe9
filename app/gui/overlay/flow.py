"""Caption text as broadcast captions flow: words fill a line, then the lines roll up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.events import (
    LATE_UTTERANCES,
    FinalCaption,
    MeetingForgot,
    PreviewChanged,
    WordsCommitted,
)
from app.gui.overlay.rolling import RollingLines, Words
from app.gui.overlay.spoken import Label, SpokenText, Utterance
from app.gui.text import joined

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.core.events import Event, Word
    from app.gui.overlay.rolling import CaptionLine

_OPEN = 3  # utterances whose names may still change: speakers are known late


class CaptionFlow:
    """Builds the visible lines from events; `wrap` and `rows` as for `RollingLines`.

    `called(speaker, name)` gives what to call a speaker, whose name may be "". Who spoke is known
    a moment after the words: a name is put before the words of the last utterances then, and
    moves them.
    """

    def __init__(
        self,
        wrap: Callable[[str], Sequence[int]],
        rows: int,
        called: Callable[[int, str], str] = lambda _speaker, name: name,
    ) -> None:
        self._page = RollingLines(wrap, rows)
        self._settled = ""  # of utterances that do not change any more
        self._settled_labels: list[Label] = []
        self._settled_speaker: int | None = None
        self._recent: list[Utterance] = []
        self._spoken = SpokenText(called)
        self._preview = ""

    def apply(self, event: Event) -> bool:
        """Take `event` in; True if the lines may have changed."""
        match event:
            case WordsCommitted(utterance=utterance, words=words):
                self._on_words(utterance, words)
            case PreviewChanged(utterance=utterance, text=text):
                self._on_preview(utterance, text)
            case FinalCaption():
                self._on_final(event)
            case MeetingForgot():  # nothing that was said may be read any longer
                self._wipe()
            case _:
                if not self._spoken.apply(event) or not self._recent:
                    return False
        self._lay_out()
        return True

    def clear(self) -> None:
        self._wipe()
        self._spoken.clear()

    def _wipe(self) -> None:
        """Take all words away; who is called what is still known."""
        self._settled = self._preview = ""
        self._settled_labels = []
        self._settled_speaker = None
        self._recent = []
        self._page.clear()

    def resize(self, rows: int) -> None:
        """The panel has `rows` lines now, and `wrap` may answer differently."""
        self._page.resize(rows)
        self._lay_out()

    @property
    def lines(self) -> list[CaptionLine]:
        """All lines that are kept, oldest first."""
        return self._page.lines

    @property
    def top(self) -> int:
        """Index of the first visible line."""
        return self._page.top

    @property
    def page(self) -> RollingLines:
        """The lines as they are shown."""
        return self._page

    @property
    def rolled(self) -> int:
        """Lines that have rolled out since the beginning."""
        return self._page.rolled

    @property
    def visible(self) -> list[CaptionLine]:
        return self._page.visible

    def text(self) -> str:
        """The visible words, for screen readers."""
        return self._page.text()

    def _on_words(self, utterance: int, words: Sequence[Word]) -> None:
        said = self._turn_to(utterance)
        if said is not None:
            said.text += "".join(word.text for word in words)
            said.words.extend(words)
            self._preview = ""

    def _on_preview(self, utterance: int, text: str) -> None:
        known = self._recent and self._recent[-1].number == utterance
        if not known and not text.strip():
            return
        if self._turn_to(utterance) is not None:
            self._preview = text

    def _on_final(self, event: FinalCaption) -> None:
        """The last word on what is being read right now; older lines stay as they were read.

        What was caught up from the recording was said long ago: it is for the transcript.
        """
        late = event.utterance >= LATE_UTTERANCES
        if late or event.revision > 0 or not event.text.strip():
            return
        said = self._turn_to(event.utterance, again=True)
        if said is not None:
            said.text, said.words, said.finished = event.text, list(event.words), True
            self._preview = ""

    def _turn_to(self, utterance: int, *, again: bool = False) -> Utterance | None:
        """The utterance, if it is the newest and, but for `again`, not finished."""
        newest = self._recent[-1] if self._recent else None
        if newest is None or utterance > newest.number:
            newest = Utterance(utterance)
            self._recent.append(newest)
            self._preview = ""
            self._settle()
        if utterance < newest.number or (newest.finished and not again):
            return None
        return newest

    def _settle(self) -> None:
        """What is older than the last few utterances stays as it is."""
        while len(self._recent) > _OPEN:
            text, labels, who = self._appended(
                self._settled, self._settled_labels, self._settled_speaker, self._recent.pop(0)
            )
            self._settled, self._settled_labels, self._settled_speaker = text, labels, who

    def _appended(
        self, text: str, labels: list[Label], before: int | None, said: Utterance
    ) -> tuple[str, list[Label], int | None]:
        added, names, who = self._spoken.render(said, before)
        whole = joined(text, added)
        shift = len(whole) - len(added)
        moved = [Label(n.start + shift, n.end + shift, n.speaker) for n in names]
        return whole, [*labels, *moved], who

    def _sure(self) -> tuple[str, list[Label]]:
        """All that is committed, with the names in it."""
        text, labels, who = self._settled, self._settled_labels, self._settled_speaker
        for said in self._recent:
            text, labels, who = self._appended(text, labels, who, said)
        return text, labels

    def _lay_out(self) -> None:
        sure, labels = self._sure()
        text = joined(sure, self._preview)
        cut = self._page.lay_out(Words(text, len(sure), len(self._settled), labels))
        if cut:
            self._settled = self._settled[cut:]
            self._settled_labels = [
                Label(max(0, n.start - cut), n.end - cut, n.speaker)
                for n in self._settled_labels
                if n.end > cut
            ]
