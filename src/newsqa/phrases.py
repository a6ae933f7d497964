"""What newsqa says in its own words, in English and Indonesian."""

from __future__ import annotations

from dataclasses import dataclass

from newsqa.types import Language


@dataclass(frozen=True, slots=True)
class Phrases:
    """The words of one language. ``abstention``: for one article and for several; ``page``: with a {number}."""

    abstention: str
    abstention_several: str
    yes: str
    no: str
    page: str


PHRASES: dict[Language, Phrases] = {
    "en": Phrases(
        abstention="The article does not say.",
        abstention_several="The articles do not say.",
        yes="Yes",
        no="No",
        page="page {number}",
    ),
    "id": Phrases(
        abstention="Artikel ini tidak menyebutkannya.",
        abstention_several="Artikel-artikel ini tidak menyebutkannya.",
        yes="Ya",
        no="Tidak",
        page="halaman {number}",
    ),
}
