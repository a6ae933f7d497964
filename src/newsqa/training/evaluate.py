"""Figures of an adapter on the validation files."""

from __future__ import annotations

import dataclasses
import json
import logging
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from transformers import AutoTokenizer, BertModel, PreTrainedTokenizerBase

from newsqa.models.adapter import Adapter
from newsqa.models.merging import merged
from newsqa.training.config import TrainingConfig
from newsqa.training.examples import Example, read_conversations, read_questions
from newsqa.training.features import Window, collate, encode, in_batches
from newsqa.training.heads import HeadOutput, trained_heads
from newsqa.training.scoring import Prediction, SpanScores, span_scores

logger = logging.getLogger(__name__)

Network = Callable[[Tensor, Tensor, Tensor], HeadOutput]
MAX_ANSWER_TOKENS = 60
_TOKENS_PER_BATCH = 1536


@dataclass(frozen=True, slots=True)
class Group:
    """Examples that make one row of the report."""

    name: str
    examples: tuple[Example, ...]


def merged_network(adapter: Adapter, encoder: Path) -> Network:
    """The encoder with the adapter merged, as it answers questions: ids, attention, answerable -> logits."""
    model = merged(adapter, BertModel.from_pretrained(encoder, add_pooling_layer=False))
    heads = trained_heads(adapter)

    def run(input_ids: Tensor, attention: Tensor, answerable: Tensor) -> HeadOutput:
        states = model(input_ids=input_ids, attention_mask=attention.long()).last_hidden_state
        output: HeadOutput = heads(states, answerable)
        return output

    return run


def validation_groups(data: Path) -> list[Group]:
    """Every validation file under ``data`` as rows of the report: conversations from the second turn on."""
    groups = []
    for path in sorted(data.glob("qa/valid/*.jsonl")):
        examples = read_questions(path)
        if path.stem == "xquad":
            english = [item for item in examples if item.language == "en"]
            groups.append(Group("xquad, English", tuple(english)))
            examples = [item for item in examples if item.language != "en"]
            groups.append(Group("xquad, other languages", tuple(examples)))
        else:
            groups.append(Group(path.stem, tuple(examples)))
    conversations = data / "conversations" / "valid.jsonl"
    for language in ("id", "en"):
        turns = read_conversations(conversations, [language]) if conversations.exists() else []
        later = tuple(turn.example for turn in turns if turn.number > 1)
        groups.append(Group(f"conversations, turns 2+, {language}", later))
        news = tuple(example for example in later if example.key.startswith("news"))
        groups.append(Group(f"conversations, turns 2+, {language}, news only", news))
    return [group for group in groups if group.examples]


def evaluate(
    adapter_file: Path, *, data: Path, encoder: Path, output: Path, config: TrainingConfig, questions: int | None = None
) -> str:
    """Evaluate ``adapter_file``; with ``questions``, on a fixed sample of that many a row.

    Writes ``report.md``, ``report.json`` and ``predictions.jsonl`` into ``output`` and returns the report.
    """
    torch.set_num_threads(1)
    network = merged_network(Adapter.load(adapter_file), encoder)
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    groups = [_sampled(group, questions, config.seed) for group in validation_groups(data)]
    predicted = []
    for group in groups:
        predicted.append(predict(network, tokenizer, group.examples, config))
        logger.info("%s: %d questions", group.name, len(group.examples))
    scores = {
        group.name: span_scores(group.examples, predictions)
        for group, predictions in zip(groups, predicted, strict=True)
    }
    report = f"{adapter_file.name}{f', {questions} questions a row' if questions else ''}\n\n{_table(scores)}"
    output.mkdir(parents=True, exist_ok=True)
    (output / "report.md").write_text(report, encoding="utf-8")
    rows = {name: dataclasses.asdict(found) for name, found in scores.items()}
    (output / "report.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    _write_predictions(output / "predictions.jsonl", groups, predicted)
    return report


def predict(
    network: Network, tokenizer: PreTrainedTokenizerBase, examples: Sequence[Example], config: TrainingConfig
) -> list[Prediction]:
    """The best span of each example over all windows of its passage."""
    windows = list(encode(tokenizer, examples, config.max_length, config.stride))
    batches = in_batches(windows, _TOKENS_PER_BATCH, random.Random(0))
    pad = tokenizer.pad_token_id

    def run(batch: list[Window]) -> list[Prediction]:
        tensors = collate(batch, pad)
        with torch.inference_mode():
            output = network(tensors.input_ids, tensors.attention, tensors.answerable)
        return [_decode(window, output, row) for row, window in enumerate(batch)]

    best: dict[int, Prediction] = {}
    with ThreadPoolExecutor(config.threads, initializer=lambda: torch.set_num_threads(1)) as pool:
        for batch, found in zip(batches, pool.map(run, batches), strict=True):
            for window, prediction in zip(batch, found, strict=True):
                if window.example not in best or prediction.score > best[window.example].score:
                    best[window.example] = prediction
    return [best[index] for index in range(len(examples))]


def _decode(window: Window, output: HeadOutput, row: int) -> Prediction:
    """The best span of one window: end not before start, at most ``MAX_ANSWER_TOKENS`` tokens."""
    start, end = output.start[row].double().numpy(), output.end[row].double().numpy()
    null = start[0] + end[0]
    inside = slice(window.first, window.last + 1)
    scores = np.add.outer(start[inside], end[inside])
    size = len(scores)
    length = np.subtract.outer(np.arange(size), np.arange(size)).T
    allowed = (length >= 0) & (length < MAX_ANSWER_TOKENS)
    scores = np.where(allowed, scores, -np.inf)
    first, last = np.unravel_index(int(scores.argmax()), scores.shape)
    return Prediction(
        start=int(window.starts[first]),
        end=int(window.ends[last]),
        score=float(scores[first, last] - null),
        polar=float(output.polar[row]),
    )


def _table(scores: dict[str, SpanScores]) -> str:
    lines = ["| file | questions | EM | F1 | F1 answerable | refused | answered | taken for yes/no |"]
    lines.append("|---|" + "---|" * 7)
    lines += [_row(name, dataclasses.astuple(found)) for name, found in scores.items()]
    return "\n".join(lines) + "\n"


def _row(name: str, values: Sequence[object]) -> str:
    return f"| {name} | " + " | ".join("-" if value is None else str(value) for value in values) + " |"


def _sampled(group: Group, questions: int | None, seed: int) -> Group:
    if questions is None or len(group.examples) <= questions:
        return group
    return dataclasses.replace(group, examples=tuple(random.Random(seed).sample(group.examples, questions)))


def _write_predictions(path: Path, groups: Sequence[Group], predicted: Sequence[list[Prediction]]) -> None:
    """One JSON object a question: what calibration needs."""
    with path.open("w", encoding="utf-8") as stream:
        for group, predictions in zip(groups, predicted, strict=True):
            for example, prediction in zip(group.examples, predictions, strict=True):
                row = {
                    "group": group.name,
                    "key": example.key,
                    "question": example.question,
                    "languages": [example.language, example.passage.language],
                    "kind": example.kind.value,
                    "gold": example.answer_texts(),
                    "text": example.passage.text[prediction.start : prediction.end],
                    **dataclasses.asdict(prediction),
                }
                stream.write(json.dumps(row, ensure_ascii=False) + "\n")
