"""Cuts text that is still growing into sentences, in scripts with and without spaces.

A cut depends only on the text before it and on the character behind it, so that more text never
moves a cut that was made.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 180
"""Weight of the longest sentence; see `weight`. What goes on and on is cut at the best place."""

_PHRASE = 45  # weight of a phrase after which a space ends it, in scripts without spaces
_FIRST_PLACE = 3  # a run-on is cut at a mark only behind the first third of what fits

_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_UNSPACED = re.compile(f"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff{_IDEOGRAPHS}]")
_WIDE = re.compile(f"[{_IDEOGRAPHS}]")
_HANGUL = re.compile("[\u1100-\u11ff\uac00-\ud7a3]")

_CLOSING = "\"'\u201d\u2019)\\]\u00bb\u300d\u300f\u3011\u300b\uff09"
_END = re.compile(
    f"[.!?\u3002\uff01\uff1f\uff61\u061f\u06d4\u0964\u0965\u1362\u17d4\u104b]+[{_CLOSING}]*"
)
_CLAUSE = re.compile("[,;:\u060c\u061b\uff0c\u3001\uff1b\uff1a\uff64](?=\\s|$|[^\\x00-\\x7f])")
_TITLES = ("mr", "mrs", "ms", "dr", "prof", "st", "jr", "sr", "sra", "srta", "mme", "mlle", "hon")
_SHORTENED = (
    "vs",
    "etc",
    "eg",
    "ie",
    "fig",
    "dept",
    "inc",
    "ltd",
    "approx",
    "ca",
    "bzw",
    "usw",
    "nr",
)
_ABBREVIATIONS = frozenset((*_TITLES, *_SHORTENED))
_WEAK_MARKS = frozenset(".,;:\u3002\uff0c\u3001\uff1b\uff1a\u00b7\u2026")
_JOINER = "\u200d"


def weight(text: str) -> int:
    """How much `text` says, in letters of a language written with letters."""
    return sum(3 if _WIDE.match(c) else 2 if _HANGUL.match(c) else 1 for c in text)


def is_unspaced(text: str) -> bool:
    """Whether `text` begins or ends in a script that writes no spaces between words."""
    return bool(text) and bool(_UNSPACED.match(text[0]) or _UNSPACED.match(text[-1]))


def has_words(text: str) -> bool:
    """Whether there is anything to translate: a letter or a digit."""
    return any(c.isalnum() for c in text)


def count_words(text: str) -> int:
    """About how many words there are; two characters make one where there are no spaces."""
    unspaced = len(_UNSPACED.findall(text))
    return len(_UNSPACED.sub(" ", text).split()) + (unspaced + 1) // 2


def squeezed(text: str) -> str:
    """`text` without whitespace: what is compared to see whether it has changed."""
    return "".join(text.split())


def said(text: str) -> str:
    """What `text` says, however it is capitalised and whatever its commas and full stops are."""
    return "".join(c for c in text.casefold() if not c.isspace() and c not in _WEAK_MARKS)


def split(text: str) -> list[str]:
    """The sentences of a whole text, the last of which may be unfinished."""
    sentences, rest = split_growing(text)
    return [*sentences, rest] if rest else sentences


def split_growing(text: str) -> tuple[list[str], str]:
    """The finished sentences of a text that may go on, and what is left."""
    sentences: list[str] = []
    rest = text.strip()
    while cut := _sentence_end(rest):
        sentences.append(rest[:cut].strip())
        rest = rest[cut:].lstrip()
    return sentences, rest


def _sentence_end(text: str) -> int:
    """Where the first sentence of `text` ends; 0 if it does not."""
    room = _room(text)
    for match in _END.finditer(text[: room + 8]):
        if _ends(text, match.start(), match.end()):
            return match.end()
    if cut := _phrase_end(text[:room]):
        return cut
    return _best_place(text[:room]) if room < len(text) else 0


def _ends(text: str, mark: int, behind: int) -> bool:
    """Whether the marks from `mark` to `behind` end a sentence."""
    if not any(c.isalnum() for c in text[:mark]):
        return False
    if behind == len(text) and _is_quoted(text):
        return False  # the closing mark is still to come
    if text[mark] != ".":
        return not text[mark].isascii() or behind == len(text) or _free(text[behind])
    if text.startswith("..", mark) or (behind < len(text) and not _free(text[behind])):
        return False
    before = re.search(r"[^\s.]*(?:\.[^\s.]+)*$", text[:mark])
    word = before.group().strip("(\"'").casefold() if before else ""
    if word.isdigit():
        return len(word) > 2 and behind < len(text)  # "3." may go on as "3.5", or be a date
    initial = len(word) == 1 and not _UNSPACED.match(word)
    return not (
        initial or word.replace(".", "") in _ABBREVIATIONS or re.fullmatch(r"\w(\.\w)+", word)
    )


def _is_quoted(text: str) -> bool:
    """Whether `text` ends inside of quotation marks."""
    pairs = (("\u201c", "\u201d"), ("\u300c", "\u300d"), ("\u300e", "\u300f"))
    odd = text.count('"') % 2 == 1
    return odd or any(text.count(first) > text.count(last) for first, last in pairs)


def _free(character: str) -> bool:
    return character.isspace() or _UNSPACED.match(character) is not None


def _phrase_end(text: str) -> int:
    """Where a long phrase ends at a space between characters that need none; 0 if none does."""
    for match in re.finditer(r"\s+", text):
        start, end = match.span()
        inside = end < len(text) and is_unspaced(text[start - 1]) and is_unspaced(text[end])
        if inside and weight(text[:start]) >= _PHRASE:
            return end
    return 0


def _room(text: str) -> int:
    """How many characters of `text` fit into the longest sentence."""
    total = 0
    for place, character in enumerate(text):
        total += 3 if _WIDE.match(character) else 2 if _HANGUL.match(character) else 1
        if total > LONGEST:
            return place
    return len(text)


def _best_place(text: str) -> int:
    """Where to cut a run-on that begins with `text`: behind a mark, a word, or a character."""
    early = len(text) // _FIRST_PLACE
    marks = [match.end() for match in _CLAUSE.finditer(text) if match.end() > early]
    if marks:
        return marks[-1]
    space = max((i for i, c in enumerate(text) if c.isspace()), default=0)
    if space > early:
        return space
    return next((i for i in range(len(text) - 1, 0, -1) if not continues(text[i - 1], text[i])), 1)


def continues(before: str, character: str) -> bool:
    """Whether `character` belongs to the sign that `before` begins: a mark, a joined emoji."""
    category = unicodedata.category(character)
    return (
        category[0] == "M"
        or character in "\u0e33\u0eb3\ufe0f\u200c\u200d"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or before == _JOINER
    )
