"""What the operator of a page allows: defaults, and how often readers may ask."""

from __future__ import annotations

import pytest

from newsqa import InputError
from newsqa.serving import PageLimits, links_by_default
from newsqa.ui.budget import Budget


def test_a_budget_fills_steadily_and_not_beyond_its_size() -> None:
    now = [0.0]
    budget = Budget(60, lambda: now[0])
    assert [budget.take() for _ in range(61)] == [True] * 60 + [False]
    now[0] = 1.0
    assert [budget.take(), budget.take()] == [True, False]
    now[0] = 1000.0
    assert budget.take(61) is False
    assert [budget.take(60), budget.take()] == [True, False]


@pytest.mark.parametrize(
    ("host", "server_name", "space", "on"),
    [
        (None, None, None, True),
        ("127.0.0.1", "0.0.0.0", None, True),
        ("localhost", None, None, True),
        ("::1", None, None, True),
        ("0.0.0.0", None, None, False),
        ("192.168.1.5", None, None, False),
        ("news.example", None, None, False),
        (None, "0.0.0.0", None, False),
        (None, None, "me/newsqa", False),
        ("127.0.0.1", None, "me/newsqa", False),
    ],
)
def test_links_are_on_by_default_where_only_the_operator_can_come(
    monkeypatch: pytest.MonkeyPatch, host: str | None, server_name: str | None, space: str | None, on: bool
) -> None:
    for name, value in (("GRADIO_SERVER_NAME", server_name), ("SPACE_ID", space)):
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name, raising=False)
    assert links_by_default(host) is on


@pytest.mark.parametrize("changes", [{"requests": 0}, {"queue": -1}, {"upload_bytes": 0}, {"session_articles": -1}])
def test_limits_that_make_no_sense_are_refused(changes: dict[str, int]) -> None:
    (name, value) = next(iter(changes.items()))
    with pytest.raises(InputError, match=f"{name} is {value}; give"):
        PageLimits(**changes)  # type: ignore[arg-type]
