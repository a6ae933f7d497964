from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from newsqa import NewsQA


def test_questions_asked_at_once_are_answered_as_one_by_one(seed_qa: NewsQA) -> None:
    questions = [
        f"{question} ({number})" for number in range(8) for question in ("Who did Putin call?", "Siapa presiden Mesir?")
    ]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(seed_qa.ask, questions))
    alone = [seed_qa.ask(question) for question in questions]
    assert [answer.message for answer in together] == [answer.message for answer in alone]
