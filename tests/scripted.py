"""A reader that answers from a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from newsqa.reading.history import Exchange
from newsqa.types import Hit, Reading, ScoredSpan, Verdict


@dataclass
class ScriptedReader:
    """Answers ``question`` with ``answers[last answer of the history, question]``, or else ``answers["*", question]``.

    What it finds in the table it finds in the passages; other questions it declines, with the first sentence as its best
    candidate. ``verdicts`` come with that sentence as evidence.
    """

    answers: Mapping[tuple[str, str], str] = field(default_factory=dict)
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)

    def read(self, question: str, hits: Sequence[Hit], history: Sequence[Exchange] = ()) -> Reading:
        first = min((sentence for hit in hits for sentence in hit.passage.sentences), key=lambda one: one.start)
        evidence = ScoredSpan(first.strip(), first, 0.0)
        verdict = self.verdicts.get(question)
        if verdict:
            return Reading((evidence,), (evidence,), 0.0, 0.5, verdict)
        last = history[-1].answer if history else ""
        text = self.answers.get((last, question), self.answers.get(("*", question), ""))
        for hit in hits:
            for sentence in hit.passage.sentences:
                if text and text in sentence.text:
                    start = sentence.text.index(text)
                    found = ScoredSpan(sentence.slice(start, start + len(text)), sentence, 1.0)
                    return Reading((found, evidence), (found,), 0.0, 0.5)
        assert not text, f"{text!r} is in no passage"
        return Reading((evidence,), (), 0.0, 0.5)
