from __future__ import annotations

import numpy as np
import pytest

from fakes import hits_of
from newsqa import Article
from newsqa.reading.decoding import Window, decode
from newsqa.types import Hit

TEXT = "Putin menelepon Netanyahu. Abbas menjawab “ya” di Moskow."


def window(hit: Hit, starts: dict[str, float], ends: dict[str, float], null: float = 0.0, pieces: int = 3) -> Window:
    """Tokens of up to ``pieces`` letters, as a subword tokenizer makes them; logits given by word beginning."""
    offsets = [(0, 0)]
    text = hit.passage.span.text
    position = 0
    for word in text.split(" "):
        offsets += [(position + i, position + min(i + pieces, len(word))) for i in range(0, len(word), pieces)]
        position += len(word) + 1
    start_logits = np.full(len(offsets), -5.0, dtype=np.float32)
    end_logits = np.full(len(offsets), -5.0, dtype=np.float32)
    start_logits[0] = end_logits[0] = null / 2
    for logits, wanted in ((start_logits, starts), (end_logits, ends)):
        for key, value in wanted.items():
            logits[next(i for i, (start, _) in enumerate(offsets) if i and text.startswith(key, start))] = value
    pairs = np.array(offsets, dtype=np.int64)
    return Window(hit, start_logits, end_logits, np.arange(len(offsets)) > 0, pairs[:, 0], pairs[:, 1])


@pytest.fixture
def hit() -> Hit:
    return hits_of(Article("a", "", TEXT))[0]


def test_the_best_span_has_exact_offsets_and_the_log_odds_against_null(hit: Hit) -> None:
    best, *_ = decode([window(hit, {"Netanyahu": 4.0}, {"ahu": 3.0}, null=2.0, pieces=3)], max_tokens=10, limit=3)
    assert (best.span.text, best.span.start, best.span.end) == ("Netanyahu", 16, 25)
    assert best.score == pytest.approx(4.0 + 3.0 - 2.0)
    assert best.sentence.text == "Putin menelepon Netanyahu. "


def test_an_end_never_comes_before_its_start(hit: Hit) -> None:
    for found in decode([window(hit, {"Netanyahu": 9.0}, {"Putin": 0.0, "in": 9.0})], max_tokens=10, limit=10):
        assert found.span.start < found.span.end
        assert found.span.text != "Putin menelepon Netanyahu"


def test_length_is_bounded_in_tokens(hit: Hit) -> None:
    clear = window(hit, {"Putin": 9.0}, {"Netanyahu": 9.0}, pieces=9)
    (best,) = decode([clear], max_tokens=3, limit=1)
    assert best.span.text == "Putin menelepon Netanyahu"
    (best,) = decode([clear], max_tokens=2, limit=1)
    assert best.span.text == "Putin"


def test_a_span_stays_in_one_sentence(hit: Hit) -> None:
    for found in decode([window(hit, {"Netanyahu": 9.0}, {"Abbas": 9.0}, pieces=9)], max_tokens=50, limit=20):
        assert found.sentence.start <= found.span.start
        assert found.span.end <= found.sentence.end


def test_words_are_not_cut(hit: Hit) -> None:
    # The model prefers "anyahu" to "Netanyahu"; only the whole word is on offer.
    best, *_ = decode([window(hit, {"any": 9.0, "Netanyahu": 1.0}, {"ahu": 9.0})], max_tokens=10, limit=1)
    assert best.span.text == "Netanyahu"


def test_where_words_are_not_spaced_tokens_may_be_cut() -> None:
    (hit,) = hits_of(Article("zh", "", "普京给以色列总理打了电话。"))
    found = decode([window(hit, {"以": 9.0}, {"列": 9.0}, pieces=1)], max_tokens=10, limit=1)
    assert found[0].span.text == "以色列"


def test_spans_do_not_overlap_and_come_best_first(hit: Hit) -> None:
    starts, ends = {"Putin": 5.0, "Netanyahu": 4.0, "Abbas": 6.0}, {"Putin": 5.0, "Netanyahu": 4.0, "Abbas": 6.0}
    found = decode([window(hit, starts, ends, pieces=9)], max_tokens=5, limit=3)
    assert [span.span.text for span in found[:3]] == ["Abbas", "Putin", "Netanyahu"]
    assert [span.score for span in found] == sorted((span.score for span in found), reverse=True)
    for i, one in enumerate(found):
        for two in found[i + 1 :]:
            assert one.span.end <= two.span.start or two.span.end <= one.span.start


def test_windows_compare_by_their_own_null(hit: Hit) -> None:
    # The second window's logits are lower throughout, its span is the clearer one against its null.
    unsure = window(hit, {"Putin": 6.0}, {"in": 6.0}, null=11.0)
    sure = window(hit, {"Abbas": 3.0}, {"as": 3.0}, null=0.0)
    best, *_ = decode([unsure, sure], max_tokens=5, limit=2)
    assert best.span.text == "Abbas"
    assert best.score == pytest.approx(6.0)


def test_the_same_span_of_two_windows_is_one(hit: Hit) -> None:
    one = window(hit, {"Abbas": 3.0}, {"as": 3.0})
    two = window(hit, {"Abbas": 4.0}, {"as": 4.0})
    found = decode([one, two], max_tokens=5, limit=5)
    assert [span.score for span in found if span.span.text == "Abbas"] == [pytest.approx(8.0)]


def test_nothing_in_the_passage_gives_nothing(hit: Hit) -> None:
    empty = window(hit, {}, {})
    outside = Window(
        hit, empty.start_logits, empty.end_logits, np.zeros_like(empty.in_passage), empty.starts, empty.ends
    )
    assert decode([outside], max_tokens=5, limit=5) == ()
    assert decode([], max_tokens=5, limit=5) == ()
