"""Models that translate into nonsense: random weights in real files."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np

LANGUAGES = ("eng_Latn", "fra_Latn", "deu_Latn", "por_Latn")
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
WORDS = (  # noqa: SIM905 -- sentences
    "ask not what your country can do for you the meeting begins now . ! ? , "
    "bonjour tout le monde guten tag wie geht es ihnen Hello we are here"
).split()
DEPTH = 32


def corpus() -> list[str]:
    chance = random.Random(1)
    return [" ".join(chance.choices(WORDS, k=9)) for _ in range(300)]


def write_nllb(folder: Path) -> Path:
    """A folder as an NLLB model for CTranslate2 has, four languages."""
    folder.mkdir(parents=True)
    tokenizer = _tokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "NllbTokenizer",
        "bos_token": "<s>",
        "eos_token": "</s>",
        "pad_token": "<pad>",
        "unk_token": "<unk>",
        "src_lang": "eng_Latn",
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    pieces = [tokenizer.id_to_token(number) for number in range(tokenizer.get_vocab_size())]
    write_model(folder, pieces, start="</s>", end_of_source=False)
    return folder


def write_argos(folder: Path, source: str, target: str, **metadata: str) -> Path:
    """A folder as a package of Argos has in the model store."""
    import sentencepiece

    folder.mkdir(parents=True)
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus()),
        model_prefix=str(folder / "sentencepiece"),
        vocab_size=90,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    (folder / "sentencepiece.vocab").unlink()
    cutter = sentencepiece.SentencePieceProcessor(model_file=str(folder / "sentencepiece.model"))
    known = [cutter.id_to_piece(number) for number in range(cutter.get_piece_size())]
    pieces = ["<blank>", *(piece for piece in known if piece != "<blank>"), *metadata.values()]
    write_model(folder, pieces, start="<s>", end_of_source=True)
    described = {"from_code": source, "to_code": target, **metadata}
    (folder / "metadata.json").write_text(json.dumps(described))
    return folder


def write_model(folder: Path, pieces: list[str], *, start: str, end_of_source: bool) -> None:
    """A transformer with random weights that writes any of `pieces`."""
    from ctranslate2.specs import TransformerSpec

    spec = TransformerSpec.from_config(2, 4, pre_norm=True)
    spec.register_source_vocabulary(pieces)
    spec.register_target_vocabulary(pieces)
    spec.config.decoder_start_token = start
    spec.config.add_source_eos = end_of_source
    numbers = np.random.default_rng(7)
    _fill_embeddings(spec, len(pieces), numbers)
    for layer in (*spec.encoder.layer, *spec.decoder.layer):
        _fill_layer(layer, numbers)
    for norm in (spec.encoder.layer_norm, spec.decoder.layer_norm):
        _fill_norm(norm)
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))


def _fill_embeddings(spec: Any, count: int, numbers: np.random.Generator) -> None:
    weights = numbers.normal(size=(count, DEPTH)).astype(np.float32)
    spec.encoder.embeddings[0].weight = weights
    spec.decoder.embeddings.weight = weights
    spec.decoder.projection.weight = weights
    for half in (spec.encoder, spec.decoder):
        half.scale_embeddings = True
        half.position_encodings.encodings = numbers.normal(size=(512, DEPTH)).astype(np.float32)


def _fill_layer(layer: Any, numbers: np.random.Generator) -> None:
    _fill_attention(layer.self_attention, (3 * DEPTH, DEPTH), numbers)
    if hasattr(layer, "attention"):
        _fill_attention(layer.attention, (DEPTH, 2 * DEPTH, DEPTH), numbers)
    _fill_norm(layer.ffn.layer_norm)
    _fill_linear(layer.ffn.linear_0, (2 * DEPTH, DEPTH), numbers)
    _fill_linear(layer.ffn.linear_1, (DEPTH, 2 * DEPTH), numbers)


def _fill_attention(attention: Any, widths: tuple[int, ...], numbers: np.random.Generator) -> None:
    _fill_norm(attention.layer_norm)
    for linear, width in zip(attention.linear, widths, strict=True):
        _fill_linear(linear, (width, DEPTH), numbers)


def _fill_linear(linear: Any, shape: tuple[int, int], numbers: np.random.Generator) -> None:
    linear.weight = (numbers.normal(size=shape) * 0.3).astype(np.float32)
    linear.bias = np.zeros(shape[0], np.float32)


def _fill_norm(norm: Any) -> None:
    norm.gamma = np.ones(DEPTH, np.float32)
    norm.beta = np.zeros(DEPTH, np.float32)


def _tokenizer() -> Any:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.BpeTrainer(vocab_size=160, special_tokens=list(SPECIAL), show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    tokenizer.add_special_tokens([AddedToken(name, special=True) for name in LANGUAGES])
    return tokenizer
