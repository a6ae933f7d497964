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
        "note": "Answers are quotations found by a program, and it can be wrong: read the sentence they come from.",
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
        "note": "Jawaban adalah kutipan yang ditemukan oleh program dan bisa saja keliru: bacalah kalimat sumbernya.",
    },
}

# What the page says in the conversation, in the language of the question.
REPLIES: dict[Language, dict[str, str]] = {
    "en": {
        "unusable": "I need a question of at most {limit} characters, with words in it.",
        "failed": "Something went wrong while looking for the answer. Please ask again.",
        "source": "Source {number}",
    },
    "id": {
        "unusable": "Saya memerlukan pertanyaan yang berisi kata-kata, paling banyak {limit} karakter.",
        "failed": "Terjadi kesalahan saat mencari jawaban. Silakan bertanya lagi.",
        "source": "Sumber {number}",
    },
}
