"""How much room Whisper's decoder has for text, and how much a language needs of it.

Its tokens are bytes of UTF-8 merged where they often stand together, and the rarer a script was,
the fewer were. Counted over the first article of the Universal Declaration of Human Rights, at 14
characters a second: 3 to 9 tokens for most languages, 9 to 13 for those of the first row, 12 to 17
for the second, 24 to 42 for the third, whose characters have three bytes and a token or two each.
"""

from __future__ import annotations

from app.speech.transcribe.whisper import CONTEXT_LENGTH

_DENSITY = (
    (2.0, ("ba", "kk", "mn", "ps", "sd", "tg", "tt", "yi", "yo")),
    (3.0, ("hi", "hy", "mr", "ne", "sa", "ta", "th")),
    (6.0, ("am", "as", "bn", "bo", "gu", "ka", "km", "kn", "lo", "ml", "my", "pa", "si", "te")),
)
_OF = {language: factor for factor, languages in _DENSITY for language in languages}
_START = 8  # tokens that say what to do, at most


def density(written: str) -> float:
    """How many times the tokens of an ordinary text one in this language (a code) takes."""
    return _OF.get(written, 1.0)


def room_behind(prompt: int) -> int:
    """Tokens of new text that the decoder holds behind so many of older text and names."""
    return max(1, min(CONTEXT_LENGTH // 2, CONTEXT_LENGTH - _START - prompt))
