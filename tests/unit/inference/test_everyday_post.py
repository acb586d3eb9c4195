"""Mails, documents and transcripts of an agency with eight projects, as they come."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from besunny.inference.contracts.classification import ClassificationAnswer
from besunny.inference.engines.embedded import embedded_engine
from besunny.inference.run import run

FOLDER = Path(__file__).parents[2] / "data/everyday"
PROJECTS = json.loads((FOLDER / "projects.json").read_text())


def answers(cases: str) -> list[tuple[dict[str, Any], ClassificationAnswer]]:
    found = []
    for case in json.loads((FOLDER / f"cases_{cases}.json").read_text()):
        request = {"document": case, "projects": PROJECTS}
        answer = run("classification", request, engine=embedded_engine(), now=datetime(2026, 1, 1, tzinfo=UTC))
        assert isinstance(answer, ClassificationAnswer)
        found.append((case, answer))
    return found


@pytest.mark.parametrize("cases", ["tuned", "held"])
def test_most_post_finds_its_project_and_almost_none_a_wrong_one(cases: str) -> None:
    found = answers(cases)
    wrong = [case["name"] for case, answer in found if answer.project_id and answer.project_id not in case["expect"]]
    right = [case["name"] for case, answer in found if answer.project_id in case["expect"]]
    assert len(wrong) <= 1, wrong
    assert len(right) >= 0.8 * len(found)
