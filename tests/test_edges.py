from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsqa.reading.edges import tidy

TEXT = 'Ia berkata “kami akan pulang” kepada Abbas (76), pemimpin "Fatah" itu, di Kairo.'


@pytest.mark.parametrize(
    ("rough", "clean"),
    [
        ("Abbas", "Abbas"),
        ("Abbas (76), ", "Abbas (76)"),
        ("Abbas (", "Abbas"),
        ("Abbas (76", "Abbas (76)"),
        ("76), pemimpin", "Abbas (76), pemimpin"[6:]),
        ("“kami akan pulang", "kami akan pulang"),
        ("kami akan pulang”", "“kami akan pulang”"),
        ("berkata “kami akan", "berkata “kami akan pulang”"),
        ("pulang” kepada", "“kami akan pulang” kepada"),
        ('"Fatah', "Fatah"),
        ('pemimpin "Fatah', 'pemimpin "Fatah"'),
        ('Fatah" itu', '"Fatah" itu'),
        (", di Kairo", "di Kairo"),
        (" — ", ""),
    ],
)
def test_edges_are_where_a_reader_would_cut(rough: str, clean: str) -> None:
    text = TEXT if rough in TEXT else f"a{rough}b"
    start = text.index(rough)
    start, end = tidy(text, start, start + len(rough), (0, len(text)))
    assert text[start:end] == clean


def test_a_span_does_not_grow_beyond_its_sentence() -> None:
    start = TEXT.index("pulang”")
    assert tidy(TEXT, start, start + len("pulang” kepada"), (start, len(TEXT))) == (start + 8, start + 14)


def test_a_partner_far_away_is_left_alone() -> None:
    text = "(awal " + "kata " * 60 + "akhir) tamat"
    start = text.index("akhir")
    first, last = tidy(text, start, len(text), (0, len(text)))
    assert text[first:last] == "tamat"


@given(st.text(alphabet="ab “”()\"'’[],.", max_size=40), st.data())
def test_any_span_stays_inside_its_limits(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = tidy(text, start, end, (0, len(text)))
    assert 0 <= first <= last <= len(text)
