"""The page's own words, in English and Indonesian, by key. The browser picks the language by its locale."""

from __future__ import annotations

from newsqa.types import Language

# What the page itself shows: gradio's i18n chooses in the browser.
PAGE: dict[Language, dict[str, str]] = {
    "en": {
        "intro": "Ask the article. Every answer comes with the sentence it was taken from, and when the article "
        "does not say, newsqa says so.",
        "chat_label": "Conversation",
        "chat_empty": "Ask a question in English or Indonesian.",
        "question_label": "Your question",
        "question_placeholder": "Ask about the article …",
        "send": "Ask",
        "clear": "New conversation",
        "examples": "For example",
        "article_label": "Article",
        "copy": "Copy conversation",
        "download": "Download (Markdown)",
        "report": "How was the last answer?",
        "good": "It is good",
        "citation_wrong": "The citation is wrong",
        "answer_wrong": "The answer is wrong",
        "should_have_answered": "It should have answered",
        "note": "Answers are quotations found by a program, and it can be wrong: read the sentence they come from. By "
        "its own estimate, an answer called *sure* is right with a probability of at least 80 %, a *likely* one of at "
        "least 50 %, and an *unsure* one of less.",
    },
    "id": {
        "intro": "Tanyakan isi artikel ini. Setiap jawaban disertai kalimat sumbernya, dan bila artikel tidak "
        "menyebutkannya, newsqa akan mengatakannya.",
        "chat_label": "Percakapan",
        "chat_empty": "Ajukan pertanyaan dalam bahasa Indonesia atau Inggris.",
        "question_label": "Pertanyaan Anda",
        "question_placeholder": "Tanyakan sesuatu tentang artikel ini …",
        "send": "Tanya",
        "clear": "Percakapan baru",
        "examples": "Contohnya",
        "article_label": "Artikel",
        "copy": "Salin percakapan",
        "download": "Unduh (Markdown)",
        "report": "Bagaimana jawaban terakhir?",
        "good": "Sudah baik",
        "citation_wrong": "Kutipannya salah",
        "answer_wrong": "Jawabannya salah",
        "should_have_answered": "Seharusnya bisa dijawab",
        "note": "Jawaban adalah kutipan yang ditemukan oleh program dan bisa saja keliru: bacalah kalimat sumbernya. "
        "Menurut perkiraan program itu sendiri, peluang benarnya sedikitnya 80 % untuk jawaban bertanda *yakin*, "
        "sedikitnya 50 % untuk *cukup yakin*, dan kurang dari itu untuk *kurang yakin*.",
    },
}

# What the page says in the conversation, in the language of the question.
REPLIES: dict[Language, dict[str, str]] = {
    "en": {
        "unusable": "I need a question of at most {limit} characters, with words in it.",
        "failed": "Something went wrong while looking for the answer. Please ask again.",
        "source": "Source {number}",
        "sources": "Sources:",
        "conversation": "Conversation with newsqa",
        "suggestions": "You could ask:",
        "sure": "sure",
        "likely": "likely",
        "unsure": "unsure",
        "sure_meaning": "By its own estimate, right with a probability of at least 80 %.",
        "likely_meaning": "By its own estimate, right with a probability of 50 to 80 %.",
        "unsure_meaning": "By its own estimate, right with a probability below 50 %.",
        "reported": "Thank you, your report has been saved.",
        "not_reported": "Your report could not be saved. Please try again later.",
    },
    "id": {
        "unusable": "Saya memerlukan pertanyaan yang berisi kata-kata, paling banyak {limit} karakter.",
        "failed": "Terjadi kesalahan saat mencari jawaban. Silakan bertanya lagi.",
        "source": "Sumber {number}",
        "sources": "Sumber:",
        "conversation": "Percakapan dengan newsqa",
        "suggestions": "Anda bisa bertanya:",
        "sure": "yakin",
        "likely": "cukup yakin",
        "unsure": "kurang yakin",
        "sure_meaning": "Menurut perkiraan program, peluang benarnya sedikitnya 80 %.",
        "likely_meaning": "Menurut perkiraan program, peluang benarnya 50 sampai 80 %.",
        "unsure_meaning": "Menurut perkiraan program, peluang benarnya di bawah 50 %.",
        "reported": "Terima kasih, laporan Anda sudah disimpan.",
        "not_reported": "Laporan Anda tidak dapat disimpan. Silakan coba lagi nanti.",
    },
}
