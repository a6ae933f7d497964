"""What newsqa says in its own words, in English and Indonesian."""

from __future__ import annotations

from dataclasses import dataclass

from newsqa.types import Language


@dataclass(frozen=True, slots=True)
class Phrases:
    """The words of one language. ``…_several`` is for an index of several articles; braces are filled in."""

    abstention: str
    abstention_several: str
    yes: str
    no: str
    near_miss: str
    suggestions: str
    understood: str
    greeting: str
    thanks: str
    acknowledgement: str
    farewell: str
    help: str
    summary: str
    which_article: str
    no_headline: str
    published: str
    date_mentioned: str
    no_date: str
    from_site: str
    no_source: str
    by_author: str
    no_author: str
    length: str
    no_names: str
    no_quotes: str
    where: str
    nothing_to_show: str
    page: str


PHRASES: dict[Language, Phrases] = {
    "en": Phrases(
        abstention="The article does not say.",
        abstention_several="The articles do not say.",
        yes="Yes",
        no="No",
        near_miss="The article does say:",
        suggestions="It does answer:",
        understood="Understood as:",
        greeting="Hello! What would you like to know about the article?",
        thanks="You're welcome. Is there anything else you would like to know?",
        acknowledgement="Good. Ask on whenever you like.",
        farewell="Goodbye!",
        help="I answer questions about the article, in English or Indonesian, with its own words and the sentence they "
        "come from. I can also sum it up, list the people it mentions, quote what they say, and tell when and by whom "
        "it was published, as far as it says so.",
        summary="In short: {sentences}",
        which_article="There are {count} articles. Choose one, or ask about one of them: {titles}",
        no_headline="The article has no headline.",
        published="It was published on {date}.",
        date_mentioned="The article does not say when it was published, but it mentions this date: {date} [1]",
        no_date="The article does not say when it was published.",
        from_site="It was published by {site}.",
        no_source="The article does not say where it was published.",
        by_author="It was written by {author}.",
        no_author="The article does not name its author.",
        length="The article has {words} words in {sentences} sentences: about {minutes} min of reading.",
        no_names="I found no people mentioned in the article.",
        no_quotes="I found no such quotation in the article.",
        where="It says so here: {sentences}",
        nothing_to_show="There is no answer yet whose source I could show.",
        page="page {number}",
    ),
    "id": Phrases(
        abstention="Artikel ini tidak menyebutkannya.",
        abstention_several="Artikel-artikel ini tidak menyebutkannya.",
        yes="Ya",
        no="Tidak",
        near_miss="Yang disebutkan artikel ini:",
        suggestions="Yang bisa dijawab artikel ini:",
        understood="Dipahami sebagai:",
        greeting="Halo! Apa yang ingin Anda ketahui tentang artikel ini?",
        thanks="Sama-sama. Ada lagi yang ingin Anda ketahui?",
        acknowledgement="Baik. Silakan bertanya lagi.",
        farewell="Sampai jumpa!",
        help="Saya menjawab pertanyaan tentang artikel ini, dalam bahasa Indonesia atau Inggris, dengan kata-kata dari "
        "artikel itu sendiri beserta kalimat sumbernya. Saya juga bisa meringkas isinya, menyebutkan siapa saja yang "
        "disebut, mengutip perkataan mereka, serta memberi tahu kapan dan oleh siapa artikel ini diterbitkan, sejauh "
        "disebutkan.",
        summary="Singkatnya: {sentences}",
        which_article="Ada {count} artikel. Pilih salah satu, atau tanyakan salah satunya: {titles}",
        no_headline="Artikel ini tidak berjudul.",
        published="Artikel ini terbit pada {date}.",
        date_mentioned="Artikel ini tidak menyebutkan kapan diterbitkan, tetapi menyebut tanggal ini: {date} [1]",
        no_date="Artikel ini tidak menyebutkan kapan diterbitkan.",
        from_site="Artikel ini diterbitkan oleh {site}.",
        no_source="Artikel ini tidak menyebutkan di mana diterbitkan.",
        by_author="Artikel ini ditulis oleh {author}.",
        no_author="Artikel ini tidak menyebutkan nama penulisnya.",
        length="Artikel ini terdiri atas {words} kata dalam {sentences} kalimat: kira-kira {minutes} menit membaca.",
        no_names="Saya tidak menemukan nama orang di artikel ini.",
        no_quotes="Saya tidak menemukan kutipan seperti itu di artikel ini.",
        where="Tertulis di sini: {sentences}",
        nothing_to_show="Belum ada jawaban yang sumbernya bisa saya tunjukkan.",
        page="halaman {number}",
    ),
}
