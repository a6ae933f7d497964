"""Many articles in one index: added, removed, asked in part."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fakes import CountingEncoder, FirstSentence, WordEncoder
from newsqa import Article, InputError, NewsQA
from newsqa.embedding import Vectors
from newsqa.index import Index
from newsqa.index_folder import DATA_FILES
from newsqa.passages import PassageSettings
from newsqa.reading.history import Exchange
from newsqa.retrieval import Retriever
from newsqa.scope import select_articles
from newsqa.types import Hit, Reading

RICE = Article("beras", "Harga beras", "Harga beras naik. Beras mahal di Jakarta.", published="2024-03-01")
CALL = Article("telepon", "Telepon", "Putin menelepon Netanyahu. Ia lalu pergi.", published="2023-10-18T10:00:00Z")
QUAKE = Article("gempa", "", "Gempa mengguncang Lombok. Warga mengungsi.")
SMALL = PassageSettings(max_characters=30)  # a sentence a passage


def written(index: Index, folder: Path) -> list[bytes]:
    index.save(folder, WordEncoder())
    return [(folder / name).read_bytes() for name in DATA_FILES]


def test_added_articles_are_the_only_ones_that_are_embedded(tmp_path: Path) -> None:
    encoder = CountingEncoder()
    index = Index.build([RICE, CALL], encoder, SMALL)
    encoder.encoded.clear()
    more = index.with_articles([QUAKE], encoder)
    assert sorted(encoder.encoded) == ["Gempa mengguncang Lombok.", "Warga mengungsi."]
    assert list(index.articles) == ["beras", "telepon"]  # a value
    every = Index.build([RICE, CALL, QUAKE], WordEncoder(), SMALL)
    assert written(more, tmp_path / "more") == written(every, tmp_path / "every")


def test_removing_leaves_what_the_others_alone_would_give(tmp_path: Path) -> None:
    left = Index.build([RICE, CALL, QUAKE], WordEncoder(), SMALL).without(["telepon"])
    assert written(left, tmp_path / "left") == written(
        Index.build([RICE, QUAKE], WordEncoder(), SMALL), tmp_path / "two"
    )


def test_what_is_built_anew_takes_known_passages_from_the_old_index(tmp_path: Path) -> None:
    encoder = CountingEncoder()
    old = Index.build([RICE, CALL, QUAKE], encoder, SMALL)
    encoder.encoded.clear()
    changed = replace(CALL, text="Putin menelepon Netanyahu. Ia lalu tidur.")
    renamed = replace(QUAKE, id="gempa-lombok")
    new = [renamed, changed, replace(RICE, published="2024-03-02")]
    index = Index.build(new, encoder, SMALL, reuse=old)
    assert encoder.encoded == ["Telepon\nIa lalu tidur."]
    assert written(index, tmp_path / "index") == written(Index.build(new, WordEncoder(), SMALL), tmp_path / "anew")
    # Passages that were cut otherwise are of no use.
    encoder.encoded.clear()
    Index.build([RICE], encoder, PassageSettings(50), reuse=old)
    assert encoder.encoded == ["Harga beras naik. Beras mahal di Jakarta."]


def test_a_passage_that_occurs_twice_is_embedded_once() -> None:
    encoder = CountingEncoder()
    twice = [Article("a", "", "Warga mengungsi. Gempa di Lombok."), Article("b", "", "Gempa di Bali. Warga mengungsi.")]
    index = Index.build(twice, encoder, PassageSettings(20))
    assert sorted(encoder.encoded) == ["Gempa di Bali.", "Gempa di Lombok.", "Warga mengungsi."]
    vectors = index.vectors.at(np.arange(4))
    assert vectors[0].tolist() == vectors[3].tolist()


def test_the_same_text_twice_is_one_article_under_the_first_id() -> None:
    again = replace(RICE, id="beras-2", title="Lain")
    assert list(Index.build([RICE, again, CALL, RICE], WordEncoder()).articles.values()) == [RICE, CALL]
    qa = NewsQA.from_articles([RICE, CALL], encoder=WordEncoder(), reader=FirstSentence())
    assert qa.add([again, QUAKE]) == ("beras", "gempa")
    assert list(qa.index.articles.values()) == [RICE, CALL, QUAKE]


def test_an_id_that_is_taken_by_another_text_is_refused_and_nothing_added() -> None:
    qa = NewsQA.from_articles([RICE], encoder=WordEncoder(), reader=FirstSentence())
    with pytest.raises(InputError, match="two articles have the id 'beras'; give each its own"):
        qa.add([QUAKE, Article("beras", "", "Beras lain.")])
    with pytest.raises(InputError, match="no article to add; give at least one"):
        qa.add([])
    assert list(qa.index.articles) == ["beras"]


def test_removed_articles_answer_no_more() -> None:
    qa = NewsQA.from_articles([RICE, CALL], encoder=WordEncoder(), reader=FirstSentence())
    assert qa.ask("Siapa yang menelepon Netanyahu?").citations[0].article is CALL
    qa.remove(["telepon"])
    assert {hit.article.id for hit in Retriever(qa.index, WordEncoder()).retrieve("Netanyahu", 9)} == {"beras"}
    with pytest.raises(InputError, match="there is no article 'telepon' to remove"):
        qa.remove(["telepon"])
    with pytest.raises(InputError, match="all articles would be removed; an index needs at least one"):
        qa.remove(["beras"])


def test_questions_are_answered_while_articles_come_and_go() -> None:
    qa = NewsQA.from_articles([RICE, CALL], encoder=WordEncoder(), reader=FirstSentence())
    others = [Article(str(number), "", f"Kalimat nomor {number} tentang cuaca.") for number in range(5)]
    failures: list[BaseException] = []

    def change() -> None:
        try:
            for _ in range(10):
                qa.add(others)
                qa.remove([article.id for article in others])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=change)]
    threads[0].start()
    answers = {qa.ask("Siapa yang menelepon Netanyahu?").text}
    while threads[0].is_alive():
        answers.add(qa.ask("Siapa yang menelepon Netanyahu?").text)
    assert failures == []
    assert answers == {"Putin menelepon Netanyahu."}
    assert list(qa.index.articles) == ["beras", "telepon"]


def test_two_threads_that_add_lose_nothing() -> None:
    qa = NewsQA.from_articles([RICE], encoder=WordEncoder(), reader=FirstSentence())
    threads = [
        threading.Thread(target=qa.add, args=([Article(str(number), "", f"Kalimat nomor {number}.")],))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(qa.index.articles) == [*"01234567", "beras"]


class Blind(WordEncoder):
    """Sees the same in every text: only positions and words tell passages apart."""

    def _encode(self, texts: Sequence[str]) -> Vectors:
        return np.tile(np.eye(1, 64, dtype=np.float32), (len(texts), 1))


def test_a_restricted_search_is_filled_from_inside() -> None:
    # Far more passages outside than a search looks at, all as near, and all with the word that is asked for.
    crowd = [Article(f"x{number}", "", f"Gempa nomor {number}.") for number in range(300)]
    inside = [Article(f"y{number}", "", f"Cuaca nomor {number}.") for number in range(9)]
    retriever = Retriever(Index.build([*crowd[:150], *inside, *crowd[150:]], Blind()), Blind())
    asked = [f"y{number}" for number in (7, 2, 5)]
    assert [hit.article.id for hit in retriever.retrieve("gempa", 8, asked)] == ["y2", "y5", "y7"]
    assert len(retriever.retrieve("gempa", 8, [article.id for article in inside])) == 8
    assert retriever.retrieve("gempa", 8, []) == ()


@pytest.fixture(scope="module")
def archive() -> NewsQA:
    return NewsQA.from_articles([RICE, CALL, QUAKE], encoder=WordEncoder(), reader=FirstSentence())


def test_a_question_to_some_articles_is_answered_from_them(archive: NewsQA) -> None:
    assert archive.ask("Siapa yang menelepon Netanyahu?", articles=["telepon", "gempa"]).citations[0].article is CALL
    assert archive.ask("Siapa yang menelepon Netanyahu?", articles=["gempa"]).text == "Gempa mengguncang Lombok."
    asked = archive.ask("Siapa yang menelepon Netanyahu?", articles="beras", published=("2024-03-01", None))
    assert asked.text == "Harga beras naik."


def test_of_one_article_it_is_said_that_the_article_does_not_say() -> None:
    qa = NewsQA.from_articles([RICE, CALL, QUAKE], encoder=WordEncoder(), reader="sentence")
    assert qa.ask("Zarathustra?", articles=["gempa"]).message == "The article does not say."
    assert qa.ask("Zarathustra?").message == "The articles do not say."


@pytest.mark.parametrize(
    ("published", "ids"),
    [
        (("2023-10-18", "2023-10-18"), ["telepon"]),
        (("2023-10-19", None), ["beras"]),
        ((None, "2024-03-01"), ["beras", "telepon"]),
        ((None, None), ["beras", "telepon"]),
        (("2025-01-01", "2025-12-31"), []),
    ],
)
def test_a_range_of_dates_leaves_out_what_has_none(
    archive: NewsQA, published: tuple[str | None, str | None], ids: list[str]
) -> None:
    assert list(select_articles(archive.index.articles, None, published) or {}) == ids
    assert list(select_articles(archive.index.articles, ["gempa", "beras"], published) or {}) == [
        name for name in ids if name == "beras"
    ]


def test_where_no_article_is_in_the_range_nothing_is_said(archive: NewsQA) -> None:
    answer = archive.ask("Siapa yang menelepon Netanyahu?", published=("1999-01-01", "1999-12-31"))
    assert (answer.message, answer.confidence) == ("Artikel-artikel ini tidak menyebutkannya.", 0.0)


@pytest.mark.parametrize(
    ("articles", "published", "message"),
    [
        (["beras", "nasi"], None, "there is no article 'nasi' to ask; give ids of articles in the index"),
        ([], None, "no article to ask; give at least one id, or none at all to ask every article"),
        (None, ("kemarin", None), "'kemarin' is not a date; write it as 2024-03-01"),
        (None, ("2024-03-01x", None), "'2024-03-01x' is not a date; write it as 2024-03-01"),
        (None, ("2024-03-02", "2024-03-01"), "the dates are in the wrong order: from 2024-03-02 to 2024-03-01"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    archive: NewsQA, articles: list[str] | None, published: tuple[str | None, str | None] | None, message: str
) -> None:
    with pytest.raises(InputError) as raised:
        archive.ask("Siapa?", articles=articles, published=published)
    assert str(raised.value) == message


def test_a_conversation_is_about_the_articles_it_was_limited_to(archive: NewsQA) -> None:
    chat = archive.chat(articles=["gempa"])
    assert chat.ask("Siapa yang menelepon Netanyahu?").answer.text == "Gempa mengguncang Lombok."
    assert (
        archive.chat(published=("2024-01-01", None)).ask("Siapa yang menelepon Netanyahu?").answer.text
        == "Harga beras naik."
    )
    again = archive.chat(chat.turns, articles=iter(["telepon", "gempa"]))
    for _ in range(2):
        assert again.ask("Siapa yang menelepon Netanyahu?").answer.text == "Putin menelepon Netanyahu."
    with pytest.raises(InputError, match="there is no article 'nasi' to ask"):
        archive.chat(articles=["nasi"])


def test_a_conversation_goes_on_while_articles_come_and_go() -> None:
    qa = NewsQA.from_articles([RICE, CALL], encoder=WordEncoder(), reader=FirstSentence())
    everything, some = qa.chat(), qa.chat(articles=["telepon"])
    qa.add([QUAKE])
    assert everything.ask("Gempa apa yang mengguncang Lombok?").answer.citations[0].article is QUAKE
    qa.remove(["telepon"])
    assert everything.ask("Siapa yang menelepon Netanyahu?").answer.citations[0].article is not CALL
    with pytest.raises(InputError, match="there is no article 'telepon' to ask"):
        some.ask("Siapa yang menelepon Netanyahu?")
    assert some.turns == ()


class CountingReader(FirstSentence):
    """Keeps the questions that it read."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def read(self, question: str, hits: Sequence[Hit], history: Sequence[Exchange] = ()) -> Reading:
        self.asked.append(question)
        return super().read(question, hits, history)


def test_a_question_is_not_read_twice_of_the_same_articles() -> None:
    reader, encoder = CountingReader(), WordEncoder()
    qa = NewsQA.from_articles((RICE, CALL), encoder=encoder, reader=reader)
    assert qa.ask("Siapa?") == qa.ask("Siapa?")
    assert len(reader.asked) == 1
    qa.ask("Siapa?", history=[Exchange("Kapan?", "kemarin")])
    qa.ask("Siapa?", articles=[RICE.id])
    assert len(reader.asked) == 3
    # Whose articles are other ones has a memory of its own, and what changes begins with an empty one.
    qa.over((RICE, CALL)).ask("Siapa?")
    qa.remove([qa.add((QUAKE,))[0]])
    qa.ask("Siapa?")
    assert len(reader.asked) == 5
