"""The training loop."""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, Protocol

import torch
from filelock import FileLock, Timeout
from torch import Tensor, nn
from transformers import AutoTokenizer, BertModel

from newsqa.errors import NewsQAError
from newsqa.models.adapter import Adapter
from newsqa.models.merging import merged
from newsqa.training.checkpoint import Position, load_checkpoint, save_checkpoint
from newsqa.training.config import TrainingConfig
from newsqa.training.examples import Example
from newsqa.training.features import IGNORED, Batch, Window, collate, encode, in_batches, training_windows
from newsqa.training.network import ReaderNetwork

logger = logging.getLogger(__name__)

ADAPTER_FILE = "adapter.safetensors"
CONFIG_FILE = "config.json"
LOCK_FILE = "run.lock"
_LOG_STEPS = 20
_SMOOTHING = 0.95


class Rounds(Protocol):
    """Where the examples come from."""

    def round(self, number: int) -> list[Example]:
        """The examples of round ``number`` (from 0), in random order, the same at each call."""


class Losses(NamedTuple):
    """Sums over the windows of a batch: spans, kinds of question, verdicts."""

    span: float
    polar: float
    verdict: float


class Trainer:
    """Trains an adapter for ``encoder`` on the examples of ``mixture``; everything it writes goes to ``output``.

    With ``under`` the new adapter comes on top of that one, which stays as it is.

    A step takes several small batches, each on a thread of its own with no threads inside: that needs no barriers
    within an operation, so it is faster than threaded operations, the more so on a machine that does other work too.
    """

    def __init__(
        self, config: TrainingConfig, *, mixture: Rounds, output: Path, encoder: Path, under: Adapter | None = None
    ) -> None:
        torch.manual_seed(config.seed)
        random.seed(config.seed)
        torch.set_num_threads(1)
        self._config = config
        self._output = output
        self._tokenizer = AutoTokenizer.from_pretrained(encoder)
        base = BertModel.from_pretrained(encoder, add_pooling_layer=False)
        base = merged(under, base) if under else base
        self._network = ReaderNetwork(base, config.adapter, getattr(torch, config.precision))
        self._mixture = mixture
        self._parameters = self._network.trainable()
        self._optimizer = _optimizer(self._parameters, config)
        self._scheduler_rates = [group["lr"] for group in self._optimizer.param_groups]

    def run(self, stopped: Callable[[], bool] = lambda: False) -> Path:
        """Train from the last checkpoint in the output folder, or from the start, to the last step.

        Args:
            stopped: asked after each step; when it returns true, a checkpoint is written and the run ends.

        Returns:
            The adapter file, of the last step taken.

        Raises:
            NewsQAError: another process trains in the same folder, or what is there belongs to another network.
        """
        self._output.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self._output / LOCK_FILE, timeout=0):
                return self._run(stopped)
        except Timeout as error:
            raise NewsQAError(
                f"another process is training in {self._output}; wait for it, stop it, or give another folder"
            ) from error

    def _run(self, stopped: Callable[[], bool]) -> Path:
        config = self._config
        (self._output / CONFIG_FILE).write_text(config.to_json(), encoding="utf-8")
        position = load_checkpoint(self._output, dict(self._parameters), self._optimizer)
        logger.info("step %d of %d, %d trainable parameters", position.step, config.total_steps, self._size())
        progress = _Progress(position.step, config.total_steps)
        saved_at = time.monotonic()
        initializer = _single_threaded
        with ThreadPoolExecutor(config.threads, initializer=initializer) as pool:
            for batches, following in self._steps(position):
                losses = self._step(following.step, batches, pool)
                position = following
                progress.add(position.step, losses, sum(map(len, batches)))
                done = position.step >= config.total_steps or stopped()
                if done or time.monotonic() - saved_at > config.checkpoint_seconds:
                    save_checkpoint(self._output, position, dict(self._parameters), self._optimizer)
                    saved_at = time.monotonic()
                if position.step % config.export_steps == 0 and not done:
                    self._export(self._output / f"step-{position.step:05d}" / ADAPTER_FILE, position.step)
                if done:
                    break
        return self._export(self._output / ADAPTER_FILE, position.step)

    def _steps(self, position: Position) -> Iterator[tuple[list[list[Window]], Position]]:
        """For each step from ``position`` on its batches and the position after it."""
        step, number, used = position.step, position.round, position.batch
        size = self._config.batches_per_step
        while step < self._config.total_steps:
            batches = self._batches(number)
            for first in range(used, len(batches) - size + 1, size):
                step += 1
                yield batches[first : first + size], Position(step, number, first + size)
                if step >= self._config.total_steps:
                    return
            number, used = number + 1, 0

    def _batches(self, number: int) -> list[list[Window]]:
        config = self._config
        rng = random.Random(f"{config.seed}:windows:{number}")
        windows = encode(self._tokenizer, self._mixture.round(number), config.max_length, config.stride)
        kept = training_windows(windows, rng)
        batches = in_batches(kept, config.tokens_per_batch, rng)
        tokens = sum(len(window.input_ids) for window in kept)
        steps = len(batches) // config.batches_per_step
        logger.info("round %d: %d windows, %d tokens, %d steps", number, len(kept), tokens, steps)
        return batches

    def _step(self, step: int, batches: list[list[Window]], pool: ThreadPoolExecutor) -> Losses:
        """One step of the optimizer; the mean losses of its windows."""
        count = sum(map(len, batches))
        parameters = list(self._parameters.values())
        totals = [0.0, 0.0, 0.0]
        # In the order of the batches, so that the sums do not depend on which thread was first.
        for gradients, losses in pool.map(lambda windows: self._gradients(windows, count), batches):
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.grad = gradient if parameter.grad is None else parameter.grad.add_(gradient)
            totals = [total + loss / count for total, loss in zip(totals, losses, strict=True)]
        norm = nn.utils.clip_grad_norm_(parameters, self._config.max_gradient_norm)
        factor = _rate_factor(step, self._config)
        for group, rate in zip(self._optimizer.param_groups, self._scheduler_rates, strict=True):
            group["lr"] = rate * factor
        if torch.isfinite(norm):
            self._optimizer.step()
        else:
            logger.warning("step %d: gradient is not finite, skipped", step)
        self._optimizer.zero_grad(set_to_none=True)
        return Losses(*totals)

    def _gradients(self, windows: list[Window], count: int) -> tuple[tuple[Tensor, ...], Losses]:
        batch = collate(windows, self._tokenizer.pad_token_id)
        span, polar, verdict = self._losses(batch)
        config = self._config
        loss = (config.span_weight * span + config.polar_weight * polar + config.verdict_weight * verdict) / count
        gradients = torch.autograd.grad(loss, list(self._parameters.values()))
        return gradients, Losses(span.item(), polar.item(), verdict.item())

    def _losses(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        output = self._network(batch.input_ids, batch.attention, batch.answerable)
        cross_entropy = nn.functional.cross_entropy
        start = cross_entropy(output.start, batch.start, reduction="sum")
        end = cross_entropy(output.end, batch.end, reduction="sum")
        known = batch.polar != IGNORED
        polar = nn.functional.binary_cross_entropy_with_logits(
            output.polar[known], batch.polar[known].float(), reduction="sum"
        )
        verdict = cross_entropy(output.verdict, batch.verdict, ignore_index=IGNORED, reduction="sum")
        return (start + end) / 2, polar, verdict

    def _export(self, path: Path, step: int) -> Path:
        metadata = {"format": "1", "step": str(step), "config": json.dumps(json.loads(self._config.to_json()))}
        self._network.adapter(metadata).save(path)
        logger.info("step %d: wrote %s, %.1f MB", step, path, path.stat().st_size / 1e6)
        return path

    def _size(self) -> int:
        return sum(parameter.numel() for parameter in self._parameters.values())


class _Progress:
    """Logs smoothed losses, seconds a step and the time left."""

    def __init__(self, step: int, total: int) -> None:
        self._total = total
        self._last = (step, time.monotonic())
        self._mean: Losses | None = None

    def add(self, step: int, losses: Losses, windows: int) -> None:
        if self._mean is None:
            self._mean = losses
        self._mean = Losses(
            *(_SMOOTHING * old + (1 - _SMOOTHING) * new for old, new in zip(self._mean, losses, strict=True))
        )
        if step % _LOG_STEPS:
            return
        seconds = (time.monotonic() - self._last[1]) / (step - self._last[0])
        self._last = (step, time.monotonic())
        left = (self._total - step) * seconds / 60
        logger.info(
            "step %d: loss span %.3f, polar %.4f, verdict %.4f, windows %d, %.2f s a step, %.0f min left",
            step, *self._mean, windows, seconds, left,
        )  # fmt: skip


def _optimizer(parameters: dict[str, nn.Parameter], config: TrainingConfig) -> torch.optim.Optimizer:
    heads = [parameter for name, parameter in parameters.items() if name.startswith("heads.")]
    adapter = [parameter for name, parameter in parameters.items() if not name.startswith("heads.")]
    groups = [{"params": adapter, "lr": config.learning_rate}, {"params": heads, "lr": config.head_learning_rate}]
    return torch.optim.AdamW(groups, weight_decay=config.weight_decay, betas=(0.9, 0.98))


def _rate_factor(step: int, config: TrainingConfig) -> float:
    """Linear rise, a level, linear fall to zero after the last step."""
    rising = step / max(config.warmup_steps, 1)
    falling = (config.total_steps - step + 1) / max(config.decay_steps, 1)
    return max(0.0, min(1.0, rising, falling))


def _single_threaded() -> None:
    torch.set_num_threads(1)
