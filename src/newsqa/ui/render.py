"""Articles and answers as HTML. Everything from an article or a reader is escaped here, and only here."""

from __future__ import annotations

import html
import re
import string
from collections.abc import Sequence

from newsqa.phrases import PHRASES
from newsqa.types import Answer, Article, Citation, Span, Turn, TurnKind
from newsqa.ui.texts import REPLIES

_MARK = re.compile(r"\[(\d+)\]")
# The confidence, a probability, from which on an answer is called sure, and likely.
SURE = 0.8
LIKELY = 0.5
# Replies that name several things, each with its own mark.
_LISTS: frozenset[TurnKind] = frozenset({"question", "mentions"})
# Embeddings, overrides and isolates of the bidirectional algorithm, and control characters that are no white space.
_STEERING = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
# Of no width and no use to a reader: zero-width spaces, byte order marks, tags, fillers.
_UNSEEN = re.compile(
    "[\u200b\u2060-\u2065\u206a-\u206f\ufeff\u115f\u1160\u3164\uffa0\u180e\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_NAME_CHARACTERS = 80
# Markdown is read inside HTML too, so every character that could mean something to it becomes a reference. Spaces
# at the start of a line would make a code block.
_REFERENCES = {ord(character): f"&#{ord(character)};" for character in string.punctuation}


def harmless(text: str) -> str:
    """``text`` as it is shown: what would turn other text around is a visible mark, what cannot be seen is left out.

    Marks of direction (U+200E, U+200F), joiners and soft hyphens stay, which scripts and emoji are written with.
    """
    return _UNSEEN.sub("", _STEERING.sub("\ufffd", text))


def short_name(article: Article) -> str:
    """The name of an article on one line: its title, or else its id."""
    name = " ".join(harmless(article.title).split()) or " ".join(harmless(article.id).split()) or "?"
    return name if len(name) <= _NAME_CHARACTERS else f"{name[: _NAME_CHARACTERS - 1]}…"


def plain(text: str) -> str:
    """``text`` for a chat message: shown letter for letter, as neither HTML nor Markdown."""
    lines = [line.strip() for line in re.split(r"[\r\n\u2028\u2029]+", harmless(text))]
    return "<br>".join(line.translate(_REFERENCES) for line in lines if line)


def message_html(answer: Answer) -> str:
    """The reply as a chat message; its marks are links to the sentences in the article pane."""
    citations = {citation.number: citation for citation in answer.citations}
    parts = _MARK.split(answer.message)
    shown = [
        _plain_inline(part) if position % 2 == 0 else _link(citations[int(part)], answer)
        for position, part in enumerate(parts)
    ]
    return "".join(shown)


def notice_html(notice: str) -> str:
    """What the page says in place of a reply."""
    return f'<div class="newsqa-reply">{plain(notice)}</div>'


def turn_html(turn: Turn) -> str:
    """The reply of ``turn`` as a chat message: several answers as a list, then what came near, and notes on it.

    The near miss has no mark and no link: it is neither an answer nor a citation.
    """
    phrases = PHRASES[turn.answer.language]
    listed = turn.kind in _LISTS and len(turn.answer.citations) > 1 and not turn.answer.verdict
    parts = [f'<div class="newsqa-reply">{_list_html(turn.answer) if listed else message_html(turn.answer)}</div>']
    if turn.near_miss:
        sentence = f"<blockquote>{plain(turn.near_miss.sentence.text)}</blockquote>"
        parts.append(f'<div class="newsqa-near">{plain(phrases.near_miss)}{sentence}</div>')
    notes = [_confidence_html(turn.answer)] if turn.kind == "question" and turn.answer.citations else []
    if turn.query != turn.question:
        notes.append(
            f'<span class="newsqa-understood">{_plain_inline(phrases.understood)} {_plain_inline(turn.query)}</span>'
        )
    if notes:
        parts.append(f'<div class="newsqa-notes">{" ".join(notes)}</div>')
    return "".join(parts)


def confidence_word(confidence: float) -> str:
    """The key in ``REPLIES`` of the word for ``confidence``: "sure", "likely" or "unsure"."""
    return "sure" if confidence >= SURE else "likely" if confidence >= LIKELY else "unsure"


def _confidence_html(answer: Answer) -> str:
    """The confidence in a word, as a link to the note that explains it: what a keyboard reaches, too."""
    replies = REPLIES[answer.language]
    word = confidence_word(answer.confidence)
    return f'<a href="#newsqa-note" class="newsqa-confidence" title="{replies[f"{word}_meaning"]}">{replies[word]}</a>'


def _list_html(answer: Answer) -> str:
    """Several answers, "A [1]; B [2]", each an item with its own mark."""
    citations = {citation.number: citation for citation in answer.citations}
    parts = _MARK.split(answer.message)
    items = zip(parts[::2], parts[1::2], strict=False)
    shown = [
        f"<li>{_plain_inline(text.removeprefix('; '))}{_link(citations[int(number)], answer)}</li>"
        for text, number in items
    ]
    return f"<ul>{''.join(shown)}</ul>"


def _plain_inline(text: str) -> str:
    """Like ``plain`` for a piece of a line, with the spaces at its ends kept."""
    return re.sub(r"\s", " ", harmless(text)).translate(_REFERENCES)


def _link(citation: Citation, answer: Answer) -> str:
    label = REPLIES[answer.language]["source"].format(number=citation.number)
    target = sentence_id(citation.article.id, citation.sentence.start)
    return f'<a href="#{target}" class="newsqa-mark" title="{label}">[{citation.number}]</a>'


def sentence_id(article_id: str, start: int) -> str:
    """The element id of the sentence at ``start``: letters, digits and hyphens, one for each article and start."""
    return f"newsqa-{article_id.encode().hex()}-{start}"


def parse_sentence_id(target: str) -> tuple[str, int] | None:
    """The article id and start of a ``sentence_id``, or None for anything else."""
    match = re.fullmatch(r"newsqa-((?:[0-9a-f]{2})*)-(\d{1,12})", target)
    if match is None:
        return None
    return bytes.fromhex(match.group(1)).decode("utf-8", "replace"), int(match.group(2))


def _escaped(text: str) -> str:
    """``text`` inside HTML that no Markdown is read in."""
    return html.escape(harmless(text))


def article_html(article: Article, sentences: Sequence[Span], citations: Sequence[Citation] = ()) -> str:
    """The article, each sentence an element of its own; cited ones are marked, the answer's span more strongly.

    Args:
        article: shown whole.
        sentences: they tile its text.
        citations: those of other articles are passed over.
    """
    cited = {citation.sentence.start: citation for citation in citations if citation.article.id == article.id}
    body = "".join(_sentence(article, sentence, cited) for sentence in sentences)
    title = "" if article.text.lstrip().startswith(article.title) else f"<h2>{_escaped(article.title)}</h2>"
    known = [_escaped(" ".join(part.split())) for part in (article.site, article.author, article.published) if part]
    about = f'<p class="newsqa-about">{" · ".join(f"<bdi>{part}</bdi>" for part in known)}</p>' if known else ""
    text = f'<div class="newsqa-text">{body}</div>'
    return f'<article class="newsqa-article" dir="auto" tabindex="0">{title}{about}{text}</article>'


def _sentence(article: Article, tile: Span, cited: dict[int, Citation]) -> str:
    sentence = tile.strip()
    before, after = article.text[tile.start : sentence.start], article.text[sentence.end : tile.end]
    citation = cited.get(sentence.start)
    classes = "newsqa-sentence"
    if tile.start == 0 and sentence.text == article.title:
        classes += " newsqa-headline"
    identity = f'id="{sentence_id(article.id, sentence.start)}"'
    if citation is None:
        inner = f'<span class="{classes}" {identity} tabindex="-1">{_escaped(sentence.text)}</span>'
    else:
        number = f'<sup class="newsqa-number">{citation.number}</sup>'
        inner = (
            f'<mark class="{classes} newsqa-cited" {identity} tabindex="-1">{_with_highlight(citation)}{number}</mark>'
        )
    return _escaped(before) + inner + _escaped(after)


def _with_highlight(citation: Citation) -> str:
    sentence, span = citation.sentence, citation.highlight
    if span is None:
        return f"<strong>{_escaped(sentence.text)}</strong>"
    start, end = span.start - sentence.start, span.end - sentence.start
    before, inside, after = sentence.text[:start], sentence.text[start:end], sentence.text[end:]
    return f'{_escaped(before)}<strong class="newsqa-span">{_escaped(inside)}</strong>{_escaped(after)}'
