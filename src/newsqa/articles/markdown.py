"""Markdown to plain text: the words stay, the marks go."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from newsqa.articles.document import Document, clean_text, one_line
from newsqa.articles.plain import decode, headline

# The header of many site generators: lines between two rules at the very top.
_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(.*?\n)??---[ \t]*(?:\r?\n|$)", re.DOTALL)
_FIELD = re.compile(r"""^(title|author|date|url)[ \t]*:[ \t]*(["']?)(.*?)\2[ \t]*\r?$""", re.MULTILINE)
_TAG = re.compile(r"<[^<>]*>")


def parse_markdown(data: bytes, name: str) -> Document:
    """Read a Markdown file (CommonMark and tables).

    The text is what a reader of the rendered page would see, as plain text: headings and paragraphs set apart by
    blank lines, list items behind "- " or their number, table cells between " | ". Targets of links are left out,
    and HTML tags. The title is the front matter's or the first heading.

    Raises:
        InputError: the file is not UTF-8 text.
    """
    source = decode(data, name)
    fields: dict[str, str] = {}
    front = _FRONT_MATTER.match(source)
    if front:
        fields = {key: one_line(value) for key, _, value in _FIELD.findall(front.group(1) or "") if value.strip()}
        source = source[front.end() :]
    tokens = MarkdownIt("commonmark", {"maxNesting": 100}).enable("table").parse(source)
    text = clean_text("".join(_blocks(tokens)).strip("\n"))
    title = fields.get("title") or _first_heading(tokens) or headline(text)
    return Document(text, title, fields.get("author"), published=fields.get("date"), url=fields.get("url"))


def _first_heading(tokens: Sequence[Token]) -> str:
    for position, token in enumerate(tokens):
        if token.type == "heading_open":
            return one_line(_inline(tokens[position + 1]))
    return ""


def _blocks(tokens: Sequence[Token]) -> list[str]:
    """The text of each block, with the line ends after it."""
    blocks: list[str] = []
    prefix = ""
    cells: list[str] = []
    for token in tokens:
        if token.type == "list_item_open":
            prefix = "  " * (token.level // 2) + (f"{token.info}{token.markup} " if token.info else "- ")
        elif token.type in ("th_open", "td_open"):
            cells.append("")
        elif token.type == "tr_close":
            blocks.append(" | ".join(cells) + "\n")
            cells = []
        elif token.type == "inline" and cells:
            cells[-1] = _inline(token)
        elif token.type in ("inline", "fence", "code_block", "html_block"):
            content = {"inline": _inline, "html_block": _without_tags}.get(token.type, _content)(token)
            if content.strip():
                blocks.append(prefix + content.strip("\n") + "\n")
                prefix = ""
        if token.type.endswith("_close") and not token.hidden and token.type not in _INSIDE or token.type in _ALONE:
            blocks.append("\n")
    return _single_blank_lines(blocks)


_INSIDE = {"tr_close", "th_close", "td_close", "thead_close", "tbody_close", "list_item_close"}
_ALONE = {"fence", "code_block", "html_block"}


def _single_blank_lines(blocks: Sequence[str]) -> list[str]:
    return [block for i, block in enumerate(blocks) if block != "\n" or (i > 0 and blocks[i - 1] != "\n")]


def _inline(token: Token) -> str:
    parts = []
    for child in token.children or ():
        if child.type in ("text", "code_inline", "text_special"):
            parts.append(child.content)
        elif child.type == "image":
            parts.append(_inline(child))
        elif child.type == "softbreak":
            parts.append(" ")
        elif child.type == "hardbreak" or (child.type == "html_inline" and child.content.lower().startswith("<br")):
            parts.append("\n")
    return "".join(parts)


def _without_tags(token: Token) -> str:
    return "" if token.content.startswith("<!--") else _TAG.sub("", token.content)


def _content(token: Token) -> str:
    return token.content
