"""Which engine runs the bundled weights: ONNX Runtime, or torch."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from newsqa.errors import ModelError

ONNX, TORCH = "onnx", "torch"
ENGINES = (ONNX, TORCH)
_PROCESSOR = Path("/proc/cpuinfo")


def engine_name(name: str | None = None) -> str:
    """The engine to use.

    Args:
        name: "onnx" or "torch"; by default ``NEWSQA_ENGINE``, else "onnx" where ONNX Runtime is installed and the
            processor multiplies eight-bit integers fast, else "torch".

    Raises:
        ModelError: there is no engine of that name, or it is not installed.
    """
    name = name or os.environ.get("NEWSQA_ENGINE")
    installed = importlib.util.find_spec("onnxruntime") is not None
    if not name:
        return ONNX if installed and multiplies_integers() else TORCH
    if name not in ENGINES:
        raise ModelError(f"there is no engine {name!r}; give one of: {', '.join(ENGINES)}")
    if name == ONNX and not installed:
        raise ModelError("the engine 'onnx' needs the package onnxruntime; install it with: pip install onnxruntime")
    return name


def multiplies_integers(processor: Path = _PROCESSOR) -> bool:
    """Whether the processor has the instructions (VNNI) for exact and fast products of eight-bit integers.

    Without them ONNX Runtime's eight-bit products are slower and may overflow.
    """
    try:
        flags = set(processor.read_text(encoding="utf-8", errors="replace").split())
    except OSError:
        return False
    return not flags.isdisjoint({"avx512_vnni", "avx_vnni"})
