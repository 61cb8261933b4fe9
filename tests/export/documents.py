"""Meetings to export."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from app.core.events import Word
from app.export import ExportDocument
from app.session.line import Line

SEOUL = timezone(timedelta(hours=9))
STARTED = datetime(2026, 11, 20, 14, 30, 5, tzinfo=SEOUL)


def spoken(utterance: int, start: float, text: str, step: float = 0.3) -> Line:
    """A line whose words follow each other every `step` seconds."""
    words = tuple(
        Word(f" {part}", start + i * step, start + (i + 1) * step, 0.9)
        for i, part in enumerate(text.split())
    )
    end = words[-1].end if words else start
    return Line(utterance, start, end, text, "en", words, 0, final=True, edited=False)


def plain(utterance: int, start: float, end: float, text: str) -> Line:
    """A line that a person wrote."""
    return Line(utterance, start, end, text, "en", (), 0, final=True, edited=True)


def document(*lines: Line, title: str = "Weekly", notes: str = "") -> ExportDocument:
    return ExportDocument(title, STARTED, 3_600.5, "en", lines, notes)


TALK = " ".join(f"Sentence number {n} is not very long, but it says something." for n in range(12))
JAPANESE = (
    "今日は会議に参加していただき、ありがとうございます。最初の議題は来年の予算についてです。"
    "資料の三ページをご覧ください。「はい」と言ったのはスーパーの人です。"
)
KOREAN = (
    "오늘 회의에 참석해 주셔서 감사합니다. 첫 번째 안건은 내년 예산이고 두 번째 안건은 일정입니다."
)
THAI = "สวัสดีครับวันนี้เราจะพูดถึงงบประมาณของปีหน้าและแผนการทำงานของทีมทั้งหมดในไตรมาสแรกของปี"
ADDRESS = "See https://example.com/" + "abcdefghij" * 12 + " for more"

DOCUMENTS = {
    "empty": document(),
    "short": document(spoken(0, 1.0, "Good morning.")),
    "long": document(spoken(0, 1.0, TALK), spoken(1, 50.0, "Thanks.")),
    "japanese": document(plain(0, 0.0, 20.0, JAPANESE)),
    "korean": document(plain(0, 0.0, 9.0, KOREAN)),
    "thai": document(plain(0, 0.0, 9.0, THAI)),
    "address": document(plain(0, 0.0, 9.0, ADDRESS)),
    "markup": document(plain(0, 0.0, 1.0, "a <b>&amp;</b> --> c\n\n2\nd\x00e")),
    "overlapping": document(spoken(0, 0.0, TALK), spoken(1, 1.0, TALK), spoken(2, 1.0, "Yes.")),
    "no time": document(*(plain(n, 5.0, 5.0, "Now.") for n in range(3))),
    "backwards": document(plain(0, 5.0, 4.0, "What?"), plain(1, -1.0, 0.5, "Early.")),
    "rounding": document(
        plain(0, 0.9996, 59.9996, "Nearly."), plain(1, 3_599.9999, 3_601, "Hour.")
    ),
    "late": document(plain(0, 400_000.0, 400_001.0, "Days later.")),
}
