"""What a training run is made of; saved as JSON beside its weights."""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from newsqa.errors import NewsQAError


@dataclass(frozen=True, slots=True)
class AdapterConfig:
    """``rank`` and ``scale`` (alpha / rank) of the adapter, put on layers from ``first_layer`` up."""

    rank: int = 64
    scale: float = 1.5
    first_layer: int = 3
    feed_forward: bool = True
    verdict_hidden: int = 192


def _shares() -> Mapping[str, float]:
    return types.MappingProxyType(
        {
            "idk_mrc": 1.0,
            "english_idk_mrc": 1.0,
            "facqa": 1.0,
            "english_facqa": 1.0,
            "news_id_asked_in_id": 1.0,
            "news_id_asked_in_en": 1.0,
            "news_en_asked_in_en": 1.0,
            "news_en_asked_in_id": 1.0,
            "squad_id": 0.5,
            "xquad": 5.0,
            "yesno": 0.5,
            "conversations": 1.0,
        }
    )


def _negatives() -> Mapping[str, float]:
    return types.MappingProxyType(
        {
            "facqa": 0.1,
            "english_facqa": 0.15,
            "news_id_asked_in_id": 0.08,
            "news_id_asked_in_en": 0.12,
            "news_en_asked_in_en": 0.12,
            "news_en_asked_in_id": 0.12,
            "idk_mrc": 0.05,
            "english_idk_mrc": 0.08,
            "xquad": 0.12,
            "yesno": 0.05,
        }
    )


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """One training run.

    ``shares``: how much of each source one round takes (1.0: each question once; for ``xquad`` times the questions
    of one language; for ``yesno`` and ``conversations`` 0.5 is each question in one language).
    ``negatives``: the share of a source's answerable questions that are also put to a passage without the answer.
    ``distractors``: the share of ordinary questions that get a history to be ignored.
    ``claims``: the share of the questions of ``qa`` that are made into a yes/no question too, where their form allows.
    The learning rate rises over ``warmup_steps``, stays, and falls linearly to zero over the last ``decay_steps``;
    ``total_steps`` and ``decay_steps`` may be changed when a run is resumed.
    """

    adapter: AdapterConfig = field(default_factory=AdapterConfig)
    seed: int = 20261125
    max_length: int = 288
    stride: int = 96
    tokens_per_batch: int = 960
    batches_per_step: int = 2
    learning_rate: float = 6e-4
    head_learning_rate: float = 6e-4
    weight_decay: float = 0.01
    warmup_steps: int = 100
    total_steps: int = 10000
    decay_steps: int = 4500
    max_gradient_norm: float = 1.0
    span_weight: float = 1.0
    verdict_weight: float = 1.0
    polar_weight: float = 0.5
    precision: str = "bfloat16"
    threads: int = 2
    checkpoint_seconds: float = 300.0
    export_steps: int = 500
    distractors: float = 0.08
    claims: float = 0.02
    shares: Mapping[str, float] = field(default_factory=_shares)
    negatives: Mapping[str, float] = field(default_factory=_negatives)

    def to_json(self) -> str:
        """The configuration as JSON, readable by ``load``."""
        return json.dumps(_plain(self), indent=1, ensure_ascii=False)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file written with ``to_json``; what it leaves out has its default.

        Raises:
            NewsQAError: the file cannot be read or holds an unknown setting.
        """
        try:
            values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            adapter = AdapterConfig(**values.pop("adapter", {}))
            return cls(adapter=adapter, **values)
        except (OSError, ValueError, TypeError) as error:
            raise NewsQAError(f"cannot read the training configuration {path}: {error}") from error


def _plain(config: TrainingConfig) -> dict[str, object]:
    values: dict[str, object] = {}
    for item in dataclasses.fields(config):
        value = getattr(config, item.name)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            value = dataclasses.asdict(value)
        values[item.name] = dict(value) if isinstance(value, Mapping) else value
    return values
