"""Conversations: what leans on what, what is no question, and the replies to it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from conftest import DATA
from fakes import WordEncoder
from newsqa import Article, NewsQA
from newsqa.conversation.classifier import INTENTS, NAMES, fit, load_classifier, read_examples
from newsqa.conversation.follow_ups import FollowUps
from newsqa.conversation.intents import IntentRecogniser
from newsqa.conversation.leaning import FEATURES, LeaningModel, features
from newsqa.conversation.mentions import byline, dateline, dates, quotations
from newsqa.conversation.suggestions import CONFIDENCE
from newsqa.conversation.summary import central_sentences
from newsqa.embedding import Encoder
from newsqa.evaluation.utterances import measure, read_utterances
from newsqa.index import Index
from newsqa.language import conversation_language
from newsqa.reading.history import Exchange
from newsqa.types import Language, Span, Turn
from scripted import ScriptedReader

HISTORY = (Exchange("Who did Putin call?", "Benjamin Netanyahu"),)


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("When?", "en"),
        ("And Syria?", "en"),
        ("Did he apologise?", "en"),
        ("Kenapa?", "id"),
        ("Kalau Mesir?", "id"),
        ("Siapa istrinya?", "id"),
        ("kenapa dia menelepon?", "id"),
    ],
)
def test_follow_ups_lean(question: str, language: Language) -> None:
    assert LeaningModel.load().probability(question, HISTORY, language) > 0.9


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Who won the World Cup in 2022?", "en"),
        ("What is the capital of France?", "en"),
        ("How many Israelis were killed in the attack of 7 October?", "en"),
        ("Kapan Kerajaan Majapahit didirikan?", "id"),
    ],
)
def test_whole_questions_do_not(question: str, language: Language) -> None:
    assert LeaningModel.load().probability(question, HISTORY, language) < 0.5


def test_nothing_leans_on_nothing() -> None:
    assert LeaningModel.load().probability("When?", (), "en") == 0.0


def test_the_features_are_what_they_are_called() -> None:
    found = dict(zip(FEATURES, features("And his wife Ann?", HISTORY, "en"), strict=True))
    assert found["connective"] == 1
    assert found["english_pronouns"] == 1
    assert found["newly_named"] == 1
    assert found["words"] == 4 / 12
    assert found["known_words"] == 0
    found = dict(zip(FEATURES, features("Siapa nama istrinya?", HISTORY, "id"), strict=True))
    assert (found["nya"], found["indonesian"], found["english_pronoun"]) == (1, 1, 0)


def test_a_model_has_a_weight_for_each_feature() -> None:
    with pytest.raises(ValueError, match=f"2 weights for {len(FEATURES)} features"):
        LeaningModel((1.0, 2.0), 0.0)


def test_a_question_that_leans_has_a_stand_alone_form(seed_qa: NewsQA) -> None:
    chat = seed_qa.chat()
    first = chat.ask("Who did Putin call?")
    follow_ups = FollowUps(LeaningModel.load())
    leaning = follow_ups.context("When?", chat.turns, "en")
    assert leaning.history == (Exchange("Who did Putin call?", first.answer.text),)
    assert leaning.query == f"When? (Who did Putin call? {first.answer.text})"
    alone = follow_ups.context("What is the capital of France?", chat.turns, "en")
    assert (alone.history, alone.query) == (leaning.history, "What is the capital of France?")


def test_the_surer_of_two_readings_is_given(seed_article: Article) -> None:
    abbas, sisi = "Mahmoud Abbas", "Abdel Fattah al-Sisi"
    whole = "Kelompok militan apa yang melancarkan serangan dari Gaza pada 7 Oktober 2023?"
    reader = ScriptedReader(
        {("*", "Siapa presiden Palestina?"): abbas, (abbas, "Kalau Mesir?"): sisi, (sisi, "Kalau Suriah?"): sisi}
        | {("*", "Kalau Suriah?"): "Bashar al-Assad", ("*", whole): "Hamas", (sisi, whole): abbas}
    )
    encoder = WordEncoder()
    chat = NewsQA(Index.build([seed_article], encoder), encoder, reader).chat()
    chat.ask("Siapa presiden Palestina?")
    # Only with its history does this question have an answer; the next has one as good without, but looks as if it
    # leaned; the last does not, and so is answered by itself.
    leaning, either, alone = (chat.ask(one) for one in ("Kalau Mesir?", "Kalau Suriah?", whole))
    assert (leaning.answer.text, leaning.query) == (sisi, f"Kalau Mesir? (Siapa presiden Palestina? {abbas})")
    assert (either.answer.text, either.query) == (
        sisi,
        f"Kalau Suriah? (Siapa presiden Palestina? {abbas}; Kalau Mesir? {sisi})",
    )
    assert (alone.answer.text, alone.query) == ("Hamas", whole)


def test_only_questions_are_history(seed_qa: NewsQA) -> None:
    chat = seed_qa.chat()
    chat.ask("Who did Putin call?")
    assert chat.ask("Thanks!").kind == "thanks"
    turn = chat.ask("When?")
    assert turn.query.startswith("When? (Who did Putin call?")


@pytest.mark.parametrize(
    ("question", "before", "expected"),
    [
        ("Who?", "id", "id"),
        ("Kenapa?", "en", "en"),
        ("Who?", None, "en"),
        ("Kenapa?", None, "id"),
        ("Egypt too?", "id", "id"),
        ("Who else?", "id", "en"),
        ("Siapa yang ditelepon Putin?", "en", "id"),
        ("Who did Putin call?", "id", "en"),
    ],
)
def test_short_questions_take_the_language_of_the_conversation(
    question: str, before: Language | None, expected: Language
) -> None:
    assert conversation_language(question, before) == expected


def test_mixed_questions_are_answered(seed_qa: NewsQA) -> None:
    assert seed_qa.chat().ask("Putin bilang what?").answer.message


def test_utterances_are_told_from_questions(encoder: Encoder) -> None:
    report = measure(IntentRecogniser(encoder), read_utterances(DATA / "utterances.jsonl"))
    assert report.utterances == 277
    assert report.precision >= 0.95
    assert report.recall >= 0.9
    assert report.caught < 0.01


def test_of_the_seed_questions_only_the_one_about_the_author_is_caught(encoder: Encoder) -> None:
    wrong = [
        mistake
        for language in ("en", "id")
        for mistake in measure(
            IntentRecogniser(encoder), read_utterances(DATA / f"seed_questions_{language}.jsonl")
        ).wrong
    ]
    assert {(kind, taken) for _, kind, taken in wrong} <= {("question", "author")}
    assert len(wrong) <= 2


def test_what_is_long_is_a_question(encoder: Encoder) -> None:
    assert IntentRecogniser(encoder).recognise("thanks " * 30) == "question"


def test_another_encoder_learns_from_the_examples() -> None:
    other = WordEncoder(dimension=256)
    classifier = load_classifier(INTENTS, other)
    shares = classifier.probabilities(other.encode_questions(["Terima kasih banyak"]))
    assert shares.shape == (1, len(read_examples(INTENTS)))
    assert shares.sum() == pytest.approx(1.0, abs=1e-5)
    assert classifier.kinds[int(shares[0].argmax())] == "thanks"


def test_weights_survive_saving(tmp_path: object, encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    # What ships is what fitting the same examples gives, to the precision of the engine.
    shipped = load_classifier(NAMES, encoder)
    examples = read_examples(NAMES)
    fitted = fit(examples, encoder)
    assert shipped.kinds == fitted.kinds
    vectors = encoder.encode_questions([text for kind in examples for text in examples[kind]])
    assert shipped.probabilities(vectors) == pytest.approx(fitted.probabilities(vectors), abs=0.05)


SPEECH = Article(
    "a",
    "Menteri bicara",
    "Menteri bicara\n\nJakarta (ANTARA) - Menteri Sri Mulyani tiba di Bandung, Rabu (18/10/2023).\n"
    "“Kami akan menurunkan harga beras,” kata Sri Mulyani kepada wartawan. Ia menyebut “itu” mudah.\n"
    "Pengamat Budi Santoso ragu. “Harga tidak akan turun tahun ini,” ujarnya.\n\nPewarta: Siti Aminah\n",
)


def sentences_of(article: Article) -> Sequence[Span]:
    return Index.build([article], WordEncoder()).sentences(article.id)


def test_quotations_need_marks_and_a_speaker() -> None:
    found = [one.span.text for one in quotations(sentences_of(SPEECH))]
    assert found == ["Kami akan menurunkan harga beras,", "Harga tidak akan turun tahun ini,"]


def test_quotations_of_one_speaker() -> None:
    found = [one.span.text for one in quotations(sentences_of(SPEECH), "Mulyani")]
    assert found == ["Kami akan menurunkan harga beras,"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ERA.id - Presiden tiba.", "ERA.id"),
        ("Jakarta (ANTARA) - Presiden tiba.", "ANTARA"),
        ("TRIBUNNEWS.COM, JAKARTA -- Presiden tiba.", "TRIBUNNEWS.COM"),
        ("JAKARTA, KOMPAS.com - Presiden tiba.", "KOMPAS.com"),
        ("Jakarta, Detik - Presiden tiba.", "Detik"),
        ("Presiden tiba di Jakarta - dan pergi.", None),
    ],
)
def test_the_dateline_names_the_source(text: str, expected: str | None) -> None:
    found = dateline(Article("a", "", text))
    assert (found.text if found else None) == expected


def test_dateline_behind_the_title_byline_and_dates() -> None:
    found = dateline(SPEECH)
    assert found is not None
    assert (found.text, SPEECH.text[found.start : found.end]) == ("ANTARA", "ANTARA")
    author = byline(SPEECH)
    assert author is not None
    assert author.text == "Siti Aminah"
    assert [one.span.text for one in dates(sentences_of(SPEECH))] == ["Rabu (18/10/2023)"]


def test_a_summary_keeps_the_order_and_does_not_repeat() -> None:
    text = (
        "Putin menelepon Netanyahu soal Gaza. Putin menelepon Netanyahu soal Gaza hari ini. Hujan turun lebat di Bogor. "
        "Netanyahu menjawab telepon Putin soal Gaza."
    )
    article = Article("a", "", text)
    found = central_sentences(sentences_of(article), WordEncoder(), 2)
    assert len(found) == 2
    assert found[0].start < found[1].start
    assert "Hujan turun lebat di Bogor." not in [one.text for one in found]


class TestReplies:
    """On the seed article, which has neither author nor date of its own."""

    @pytest.mark.parametrize(
        ("said", "kind", "message"),
        [
            ("Hello!", "greeting", "Hello! What would you like to know about the article?"),
            ("makasih banyak", "thanks", "Sama-sama. Ada lagi yang ingin Anda ketahui?"),
            ("Who wrote this article?", "author", "The article does not name its author."),
            ("Siapa penulis artikel ini?", "author", "Artikel ini tidak menyebutkan nama penulisnya."),
            (
                "Berapa panjang artikel ini?",
                "length",
                "Artikel ini terdiri atas 297 kata dalam 15 kalimat: kira-kira 1 menit membaca.",
            ),
            ("Where does it say that?", "where", "There is no answer yet whose source I could show."),
        ],
    )
    def test_in_its_own_words(self, seed_qa: NewsQA, said: str, kind: str, message: str) -> None:
        turn = seed_qa.chat().ask(said)
        assert (turn.kind, turn.answer.message, turn.answer.citations) == (kind, message, ())

    @pytest.mark.parametrize(
        ("said", "kind", "text"),
        [
            ("What is the headline?", "headline", "Telepon PM Israel, Putin Bocorkan Obrolan dengan Pimpinan Arab"),
            ("Which newspaper is this from?", "source", "ERA.id"),
            ("Kapan artikel ini terbit?", "date", "Rabu (18/10/2023)"),
            (
                "Siapa saja yang disebut dalam artikel ini?",
                "mentions",
                "Vladimir Putin; Benjamin Netanyahu; Mahmoud Abbas; Bashar al-Assad; Abdel Fattah al-Sisi",
            ),
        ],
    )
    def test_quoting_the_article(self, seed_qa: NewsQA, said: str, kind: str, text: str) -> None:
        answer = seed_qa.chat().ask(said).answer
        assert answer.text == text
        for citation, part in zip(answer.citations, text.split("; "), strict=True):
            assert (citation.highlight or citation.sentence).text == part

    def test_summary_cites_each_sentence(self, seed_qa: NewsQA) -> None:
        turn = seed_qa.chat().ask("What is this article about?")
        assert turn.kind == "summary"
        assert turn.answer.message.startswith("In short: ERA.id - Presiden Rusia Vladimir Putin")
        assert len(turn.answer.citations) == 3
        assert [citation.highlight for citation in turn.answer.citations] == [None] * 3

    def test_quote_what_somebody_said(self, seed_qa: NewsQA) -> None:
        turn = seed_qa.chat().ask("Kutip perkataan Kremlin")
        assert turn.kind == "quote"
        assert turn.answer.citations[0].highlight is not None
        assert turn.answer.citations[0].highlight.text.startswith("Pihak Israel secara khusus")

    def test_where_shows_the_last_source(self, seed_qa: NewsQA) -> None:
        chat = seed_qa.chat()
        asked = chat.ask("Who did Putin call?")
        shown = chat.ask("Show me where it says that")
        assert shown.kind == "where"
        assert shown.answer.citations == asked.answer.citations
        assert asked.answer.citations[0].sentence.text in shown.answer.message.replace("“", "")

    def test_metadata_is_told_without_a_citation(self, encoder: Encoder) -> None:
        article = Article("a", "Judul", "Isi artikel.", "https://example.com/a", "2024-05-01", "Budi", "Harian")
        qa = NewsQA.from_articles([article], encoder=encoder)
        chat = qa.chat()
        assert chat.ask("When was this article published?").answer.message == "It was published on 2024-05-01."
        assert chat.ask("Who wrote this article?").answer.message == "It was written by Budi."
        source = chat.ask("Which newspaper is this from?").answer
        assert source.message == "It was published by Harian https://example.com/a."
        assert source.citations == ()
        assert chat.ask("Judulnya apa?").answer.message == "Judul"

    def test_of_several_articles_one_must_be_meant(self, encoder: Encoder) -> None:
        articles = [Article("a", "Satu", "Budi pergi ke Bandung."), Article("b", "Dua", "Siti pergi ke Medan.")]
        chat = NewsQA.from_articles(articles, encoder=encoder).chat()
        reply = chat.ask("What is the article about?").answer
        assert reply.message == "There are 2 articles. Choose one, or ask about one of them: Satu; Dua"
        chat.ask("Siapa yang pergi ke Medan?")
        assert chat.ask("What is the headline?").answer.message == "Dua"


def test_a_declined_question_offers_the_closest_sentence(seed_qa: NewsQA) -> None:
    turn: Turn = seed_qa.chat().ask("How many Palestinian soldiers did Putin call?")
    if turn.answer.abstained and turn.near_miss:
        assert turn.near_miss.article.holds(turn.near_miss.sentence)
    nothing = seed_qa.chat().ask("What is the capital of France?")
    assert nothing.answer.abstained
    assert nothing.near_miss is None


def test_a_conversation_is_taken_up_again(seed_qa: NewsQA) -> None:
    chat = seed_qa.chat()
    chat.ask("Who did Putin call?")
    again = seed_qa.chat(chat.turns)
    assert again.turns == chat.turns
    assert again.ask("When?").query.startswith("When? (Who did Putin call?")
    assert len(chat.turns) == 1


def test_suggested_questions_are_answered(seed_qa: NewsQA) -> None:
    chat = seed_qa.chat()
    suggested = chat.suggestions("en")
    assert len(suggested) == 3
    for question in suggested:
        answer = seed_qa.ask(question)
        assert answer.citations
        assert answer.confidence >= CONFIDENCE
    asked = chat.ask(suggested[0]).question
    assert asked not in chat.suggestions("en")


def test_nothing_is_suggested_before_one_of_several_articles_is_cited(encoder: Encoder) -> None:
    articles = [Article("a", "Satu", "Budi pergi ke Bandung."), Article("b", "Dua", "Siti pergi ke Medan.")]
    assert NewsQA.from_articles(articles, encoder=encoder).chat().suggestions("id") == ()
