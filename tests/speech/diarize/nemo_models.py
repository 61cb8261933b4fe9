"""Streaming Sortformer in NeMo with random weights, for comparison with ours. Needs NeMo."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.speech.diarize.sortformer_presets import LEFT, Latency

CONFIG: dict[str, Any] = {
    "sample_rate": 16000,
    "pil_weight": 0.5,
    "ats_weight": 0.5,
    "max_num_of_spks": 4,
    "streaming_mode": True,
    "model_defaults": {"fc_d_model": 512, "tf_d_model": 192},
    "preprocessor": {
        "_target_": "nemo.collections.asr.modules.AudioToMelSpectrogramPreprocessor",
        "normalize": "NA",
        "window_size": 0.025,
        "sample_rate": 16000,
        "window_stride": 0.01,
        "window": "hann",
        "features": 128,
        "n_fft": 512,
        "frame_splicing": 1,
        "dither": 0.00001,
    },
    "sortformer_modules": {
        "_target_": "nemo.collections.asr.modules.sortformer_modules.SortformerModules",
        "num_spks": 4,
        "dropout_rate": 0.5,
        "fc_d_model": 512,
        "tf_d_model": 192,
    },
    "encoder": {
        "_target_": "nemo.collections.asr.modules.ConformerEncoder",
        "feat_in": 128,
        "feat_out": -1,
        "n_layers": 2,
        "d_model": 512,
        "subsampling": "dw_striding",
        "subsampling_factor": 8,
        "subsampling_conv_channels": 256,
        "causal_downsampling": False,
        "ff_expansion_factor": 4,
        "self_attention_model": "rel_pos",
        "n_heads": 8,
        "att_context_size": [-1, -1],
        "xscaling": True,
        "untie_biases": True,
        "pos_emb_max_len": 5000,
        "conv_kernel_size": 9,
        "conv_norm_type": "batch_norm",
    },
    "transformer_encoder": {
        "_target_": (
            "nemo.collections.asr.modules.transformer.transformer_encoders.TransformerEncoder"
        ),
        "num_layers": 2,
        "hidden_size": 192,
        "inner_size": 768,
        "num_attention_heads": 8,
        "hidden_act": "relu",
        "pre_ln": False,
        "pre_ln_final_layer_norm": True,
    },
    "loss": {
        "_target_": "nemo.collections.asr.losses.bce_loss.BCELoss",
        "weight": None,
        "reduction": "mean",
    },
}
"""As published for v2, with 2 + 2 layers instead of 17 + 18: the depth changes nothing but time."""


def random_model(seed: int = 0) -> Any:
    import torch
    from nemo.collections.asr.models import SortformerEncLabelModel
    from nemo.utils import logging
    from omegaconf import OmegaConf

    logging.set_verbosity(logging.ERROR)
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    return SortformerEncLabelModel(cfg=OmegaConf.create(CONFIG), trainer=None).eval()


def configure(model: Any, latency: Latency) -> None:
    modules = model.sortformer_modules
    modules.chunk_len = latency.chunk
    modules.chunk_left_context = LEFT
    modules.chunk_right_context = latency.right
    modules.fifo_len = latency.fifo
    modules.spkcache_update_period = latency.update
    modules.spkcache_len = 188


def hear(model: Any, samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """NeMo's own streaming over a whole recording -> activity (n, 4)."""
    import torch

    with torch.inference_mode():
        sound = torch.from_numpy(samples)[None]
        activity = model.forward(
            audio_signal=sound, audio_signal_length=torch.tensor([len(samples)])
        )
    heard: NDArray[np.float32] = activity[0].numpy()
    return heard


SCALE, BIAS = 3.0, -2.0


def spread(model: Any, samples: NDArray[np.float32]) -> None:
    """Change the last layer so that activity takes all values: speech, overlap, and silence.

    With random weights all would be near one half, and the cache would choose among equals.
    """
    import torch

    last = model.sortformer_modules.single_hidden_to_spks
    found: list[Any] = []
    hook = last.register_forward_hook(lambda _module, _in, out: found.append(out.detach()[0]))
    hear(model, samples)
    hook.remove()
    logits = torch.cat(found)
    factor = SCALE / logits.std(dim=0)
    with torch.no_grad():
        last.weight.mul_(factor[:, None])
        last.bias.copy_((last.bias - logits.mean(dim=0)) * factor + BIAS)
