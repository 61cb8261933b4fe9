"""CTranslate2 without torch.

Its converters import torch and transformers where these are installed: seconds of start-up time and
200 MB that recognition has no use for.
"""

from __future__ import annotations

import sys
from typing import Any

_UNWANTED = ("torch", "transformers")


def _import_quietly() -> Any:
    hidden = [name for name in _UNWANTED if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        import ctranslate2
    finally:
        for name in hidden:
            del sys.modules[name]
    return ctranslate2


ctranslate2 = _import_quietly()
