"""ONNX Runtime as this program uses it: few threads, flat memory, and nothing told to anybody."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CPU = ("CPUExecutionProvider",)


def onnx_runtime() -> Any:
    """The package `onnxruntime`, which must not be imported in another way.

    From 1.31 on it makes an identifier of the user and collects what it is used for, on all
    systems, unless this variable is set before it is loaded; its own function to switch that off
    comes too late.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    return onnxruntime


def open_session(file: Path, providers: Sequence[str] = CPU, threads: int = 1) -> Any:
    """An `InferenceSession` of the model in `file`.

    What is raised if it cannot be loaded has no public type.
    """
    runtime = onnx_runtime()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_cpu_mem_arena = False  # steps differ in length: an arena would keep the largest
    options.log_severity_level = 4
    return runtime.InferenceSession(str(file), options, providers=list(providers))
