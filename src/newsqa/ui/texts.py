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
        "add": "Add an article of your own",
        "add_note": "Only you see it, and it is kept in memory only: it is gone when you close this page, and after an "
        "hour without use.",
        "add_file": "File",
        "add_text": "Text",
        "add_link": "Link",
        "choose_file": "Choose a file …",
        "file_note": "A text, Markdown, HTML, PDF or Word file.",
        "title_label": "Title (optional)",
        "text_label": "Text of the article",
        "link_label": "Link to the article",
        "add_send": "Add",
        "remove": "Remove this article",
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
        "add": "Tambahkan artikel Anda sendiri",
        "add_note": "Hanya Anda yang melihatnya, dan artikel ini hanya disimpan di memori: artikel hilang bila halaman "
        "ini ditutup, atau setelah satu jam tidak dipakai.",
        "add_file": "Berkas",
        "add_text": "Teks",
        "add_link": "Tautan",
        "choose_file": "Pilih berkas …",
        "file_note": "Berkas teks, Markdown, HTML, PDF, atau Word.",
        "title_label": "Judul (boleh dikosongkan)",
        "text_label": "Isi artikel",
        "link_label": "Tautan ke artikel",
        "add_send": "Tambahkan",
        "remove": "Hapus artikel ini",
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
        "all_page": "All articles here",
        "all_own": "All of my articles",
        "own": "Mine: {title}",
        "added": "“{title}” has been added. Your questions now go to this article.",
        "known": "This article is here already. Your questions now go to it.",
        "removed": "“{title}” has been removed.",
        "full": "You have {limit} articles here, and there can be no more. Remove one first.",
        "crowded": "Too many readers have articles of their own here at the moment. Please try again later.",
        "gone": "Your own articles are no longer here: they are forgotten after a while without use. Please add them "
        "again.",
        "switched_off": "Adding articles this way is switched off on this page.",
        "too_large": "This is too large: I take files of up to {megabytes} MB and articles of up to {characters} "
        "characters.",
        "no_text": "I found no article text in it. If its pages are scanned pictures, run text recognition (OCR) "
        "first.",
        "not_text": "This is not a readable text file. Save it as text in UTF-8, or as a PDF or Word file.",
        "locked": "It is protected by a password. Save it without one and try again.",
        "format": "I read text, Markdown, HTML, PDF and Word files (.txt, .md, .html, .pdf, .docx), and links to them.",
        "bad_link": "I cannot follow this link: I need the address of a public page, such as https://example.org/news.",
        "unreachable": "The page behind this link cannot be reached. Check the link, or paste the text instead.",
        "damaged": "It cannot be read; it may be damaged. Save it anew, or paste the text instead.",
        "not_added": "Something went wrong, and the article was not added. Please try again.",
        "busy": "There are too many requests at the moment. Please wait a minute and try again.",
        "too_much": "This is more than this page takes at once.",
        "not_accepted": "This page does not accept this request.",
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
        "all_page": "Semua artikel di sini",
        "all_own": "Semua artikel saya",
        "own": "Milik saya: {title}",
        "added": "“{title}” sudah ditambahkan. Pertanyaan Anda sekarang ditujukan ke artikel ini.",
        "known": "Artikel ini sudah ada di sini. Pertanyaan Anda sekarang ditujukan ke artikel ini.",
        "removed": "“{title}” sudah dihapus.",
        "full": "Anda sudah menambahkan {limit} artikel dan tidak bisa menambah lagi. Hapus salah satu dahulu.",
        "crowded": "Saat ini terlalu banyak pembaca menambahkan artikelnya sendiri. Silakan coba lagi nanti.",
        "gone": "Artikel Anda sudah tidak ada di sini: artikel dihapus bila lama tidak dipakai. Silakan tambahkan "
        "lagi.",
        "switched_off": "Menambahkan artikel dengan cara ini tidak diaktifkan di halaman ini.",
        "too_large": "Ini terlalu besar: saya menerima berkas sampai {megabytes} MB dan artikel sampai {characters} "
        "karakter.",
        "no_text": "Saya tidak menemukan teks artikel di dalamnya. Bila halamannya berupa gambar hasil pindaian, "
        "jalankan pengenalan teks (OCR) dahulu.",
        "not_text": "Ini bukan berkas teks yang bisa dibaca. Simpan sebagai teks UTF-8, atau sebagai PDF atau Word.",
        "locked": "Berkas ini dilindungi kata sandi. Simpan tanpa kata sandi, lalu coba lagi.",
        "format": "Saya membaca berkas teks, Markdown, HTML, PDF, dan Word (.txt, .md, .html, .pdf, .docx), serta "
        "tautan ke sana.",
        "bad_link": "Tautan ini tidak bisa saya buka: saya memerlukan alamat halaman publik, misalnya "
        "https://example.org/berita.",
        "unreachable": "Halaman di tautan ini tidak dapat dijangkau. Periksa tautannya, atau tempelkan teksnya saja.",
        "damaged": "Berkas ini tidak dapat dibaca dan mungkin rusak. Simpan ulang, atau tempelkan teksnya saja.",
        "not_added": "Terjadi kesalahan dan artikel tidak ditambahkan. Silakan coba lagi.",
        "busy": "Saat ini terlalu banyak permintaan. Tunggu satu menit, lalu coba lagi.",
        "too_much": "Ini melebihi yang diterima halaman ini sekaligus.",
        "not_accepted": "Halaman ini tidak menerima permintaan ini.",
    },
}


def page_language(accepted: str) -> Language:
    """The language of the page for a browser that asks with the header ``Accept-Language: accepted``."""
    return "id" if accepted.strip().lower().startswith("id") else "en"
