from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newsqa import Article
from newsqa.passages import PassageSettings, split_into_passages


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip),
    st.integers(min_value=1, max_value=200),
)
def test_passages_tile_the_article_in_whole_sentences(text: str, max_characters: int) -> None:
    article = Article("a", "", text)
    passages = split_into_passages(article, PassageSettings(max_characters))
    assert "".join(passage.span.text for passage in passages) == text
    assert all(article.holds(passage.span) for passage in passages)
    assert all(len(passage.span.text) <= max_characters or len(passage.sentences) == 1 for passage in passages)


def test_repeated_text_keeps_its_own_offsets() -> None:
    article = Article("a", "", "Kata yang sama. " * 8)
    passages = split_into_passages(article, PassageSettings(40))
    assert [(passage.span.start, passage.span.end) for passage in passages] == [(0, 32), (32, 64), (64, 96), (96, 128)]


def test_the_seed_article(seed_article: Article) -> None:
    passages = split_into_passages(seed_article, PassageSettings())
    assert [(passage.span.start, passage.span.end) for passage in passages] == [(0, 864), (864, 1671), (1671, 2231)]
    assert [len(passage.sentences) for passage in passages] == [7, 4, 4]
