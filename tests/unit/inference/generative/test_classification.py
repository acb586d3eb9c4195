"""Classification with a vote: what the vote may change, and what it may not."""

from datetime import UTC, datetime

import pytest

from besunny.errors import EngineFailedError
from besunny.inference.contracts.classification import Alternative, ClassificationRequest
from besunny.inference.engines.protocol import Deadline
from besunny.inference.generative.classification import improve
from besunny.inference.run import run
from tests.fake_openai import chat
from tests.unit.inference.fake_engine import BagEngine

NOW = datetime(2026, 5, 4, tzinfo=UTC)
TEXT = (
    "The inspection found corrosion on four girders. Please send the revised drawings by Friday. "
    "The scaffolding stays until spring."
)
PROJECTS = [
    {"id": "secret-a", "name": "Harbour bridge", "tags": ["steel", "girders"], "description": "Repair of the bridge"},
    {"id": "secret-b", "name": "Vaccine campaign", "tags": ["health"], "description": "Posters for clinics"},
    {"id": "secret-c", "name": "Remote control", "description": "A new television remote"},
]


def output(project="P1", **changes):
    found = {
        "project": project,
        "quotes": ["corrosion on four girders"],
        "summary_quotes": ["The inspection found corrosion on four girders."],
        "next_step_quotes": ["Please send the revised drawings by Friday."],
        "tags": ["scaffolding"],
    }
    return {**found, **changes}


def label_of(request, name):
    return next(line.split(":")[0].removeprefix("- ") for line in request.document.splitlines() if name in line)


def request(text=TEXT, projects=PROJECTS, **document):
    return ClassificationRequest.model_validate({"content_text": text, "projects": projects, **document})


def base_with(held, *, text=TEXT, chosen="", **document):
    """An embedded answer that gives each project so much."""
    own = run("classification", request(text, **document), engine=BagEngine(), now=NOW)
    named = {project["id"]: project["name"] for project in PROJECTS}
    rest = [Alternative(project_id=i, name=named[i], confidence=c) for i, c in held.items() if i != chosen]
    changes = {"project_id": chosen, "project_name": named.get(chosen, ""), "unclassified": not chosen}
    return own.model_copy(update={**changes, "confidence": max(held.values()), "alternatives": rest})


def improved(bench, base, text=TEXT, *, settings=None, **document):
    asker = bench.asker(**(settings or {}))
    return improve(request(text, **document), base, asker, deadline=Deadline.within(30))


AMBIGUOUS = {"secret-a": 0.45, "secret-b": 0.4}


@pytest.mark.parametrize(("name", "chosen"), [("Harbour bridge", "secret-a"), ("Vaccine campaign", "secret-b")])
def test_between_projects_that_are_about_equal_the_vote_decides(bench, server, name, chosen):
    server.reply = lambda sent: chat(sent, output(label_of(sent, name)))
    found = improved(bench, base_with(AMBIGUOUS))
    assert found.project_id == chosen
    assert found.needs_review
    assert [one.reason for one in found.evidence] == ["chosen by house"]
    assert TEXT[found.evidence[0].start : found.evidence[0].end] == "corrosion on four girders"
    assert f"house votes for {name}" in found.classification_notes
    assert found.alternatives[0].project_id != chosen


def test_against_clear_odds_the_vote_changes_nothing_but_asks_for_a_look(bench, server):
    server.reply = lambda sent: chat(sent, output(label_of(sent, "Vaccine campaign")))
    found = improved(bench, base_with({"secret-a": 0.93, "secret-b": 0.02}, chosen="secret-a"))
    assert found.project_id == "secret-a"
    assert found.needs_review
    assert found.confidence < 0.93


def test_a_vote_for_none_cannot_throw_out_what_is_clear(bench, server):
    server.reply = lambda sent: chat(sent, output("none"))
    assert improved(bench, base_with({"secret-a": 0.93}, chosen="secret-a")).project_id == "secret-a"
    found = improved(bench, base_with({"secret-a": 0.55}, chosen="secret-a"))
    assert (found.project_id, found.unclassified, found.needs_review) == ("", True, True)


@pytest.mark.parametrize(("context", "output_tokens"), [(1300, 200), (2048, 900), (8192, 1500)])
def test_projects_and_document_fit_into_the_context_however_small(bench, server, context, output_tokens):
    server.reply = lambda sent: chat(sent, output("P1", quotes=[], summary_quotes=[], next_step_quotes=[], tags=[]))
    many = [
        {"id": f"p{n}", "name": f"Bridge {n}", "description": "漢字 " * 200, "keywords": ["girder " * 5] * 10}
        for n in range(30)
    ]
    asked = ClassificationRequest.model_validate({"content_text": TEXT * 20, "projects": many})
    base = run("classification", asked, engine=BagEngine(), now=NOW)
    asker = bench.asker(context_tokens=context, max_output_tokens=output_tokens, max_windows=64)
    found = improve(asked, base, asker, deadline=Deadline.within(30))
    most = (context - output_tokens - 900) * 3
    for sent in server.requests:
        fences = 100  # bytes for the marks, which are overhead
        assert len(sent.document.encode()) <= most + fences
        assert "- P1: Bridge" in sent.document
    assert found.coverage.share == 1


def test_agreement_makes_it_surer(bench, server):
    server.reply = lambda sent: chat(sent, output(label_of(sent, "Harbour bridge")))
    found = improved(bench, base_with({"secret-a": 0.6, "secret-b": 0.1}, chosen="secret-a"))
    assert found.confidence > 0.9
    assert not found.needs_review


def test_a_vote_that_nothing_in_the_document_stands_for_is_none(bench, server):
    server.reply = lambda sent: chat(
        sent, output(label_of(sent, "Vaccine campaign"), quotes=["flu clinics everywhere"])
    )
    base = base_with(AMBIGUOUS)
    found = improved(bench, base)
    assert (found.project_id, found.confidence) == (base.project_id, base.confidence)
    assert found.dropped_ungrounded == 1


def test_quotes_that_do_not_stand_are_dropped_and_counted(bench, server):
    bad = ["The inspection found rust.", "THE SCAFFOLDING STAYS until spring"]
    server.reply = lambda sent: chat(
        sent, output("none", quotes=bad, summary_quotes=bad, next_step_quotes=bad, tags=["hydraulics", "scaffolding"])
    )
    base = base_with(AMBIGUOUS)
    found = improved(bench, base)
    assert found.dropped_ungrounded == 7
    assert (found.summary, found.next_steps) == (base.summary, base.next_steps)
    assert found.inferred_tags == ["scaffolding"]


def test_summary_and_next_steps_are_sentences_of_the_source(bench, server):
    server.reply = lambda sent: chat(sent, output("none"))
    found = improved(bench, base_with(AMBIGUOUS))
    assert found.summary == "The inspection found corrosion on four girders."
    for span in [*found.summary_spans, *found.next_steps]:
        assert TEXT[span.start : span.end] == span.text


def test_the_engine_sees_labels_and_never_ids(bench, server):
    server.reply = lambda sent: chat(sent, output("none"))
    improved(bench, base_with(AMBIGUOUS))
    (sent,) = server.requests
    assert "secret" not in str(sent.body)
    assert sent.schema["properties"]["project"]["enum"] == ["none", "P1", "P2", "P3"]


def test_a_label_that_was_not_offered_is_repaired_and_then_refused(bench, server):
    server.reply = lambda sent: chat(sent, output("secret-b"))
    with pytest.raises(EngineFailedError, match="no such label"):
        improved(bench, base_with(AMBIGUOUS))
    assert len(server.requests) == 2


def test_what_a_user_decided_is_not_put_to_the_vote(bench, server):
    server.reply = lambda sent: chat(sent, output(label_of(sent, "Vaccine campaign")))
    base = base_with(AMBIGUOUS, chosen="secret-a").model_copy(update={"classification_source": "user"})
    found = improved(bench, base)
    assert (found.project_id, found.confidence) == ("secret-a", base.confidence)


def test_a_transcript_is_held_to_its_higher_threshold(bench, server):
    server.reply = lambda sent: chat(sent, output(label_of(sent, "Harbour bridge")))
    held = {"secret-a": 0.18, "secret-b": 0.02}
    assert improved(bench, base_with(held)).project_id == "secret-a"
    found = improved(bench, base_with(held, type="transcript"), type="transcript")
    assert 0.6 < found.confidence < 0.7
    assert found.unclassified


def test_a_long_document_is_read_in_parts_and_says_how_much_of_it(bench, server):
    server.reply = lambda sent: chat(sent, output("none", quotes=[], summary_quotes=[], next_step_quotes=[], tags=[]))
    text = TEXT * 400
    small = {"context_tokens": 2048, "max_output_tokens": 200}
    base = base_with(AMBIGUOUS, text=text)
    found = improved(bench, base, text, settings={**small, "max_windows": 64})
    assert len(server.requests) > 10
    assert found.coverage.share == 1
    server.requests.clear()
    found = improved(bench, base, text, settings={**small, "max_windows": 4})
    assert len(server.requests) == 4
    assert 0.05 < found.coverage.share < 0.4
    assert found.coverage.characters == len(text)


def test_without_projects_there_is_nothing_to_vote_on(bench, server):
    server.reply = lambda sent: chat(sent, output("none"))
    asked = request(projects=[])
    base = run("classification", asked, engine=BagEngine(), now=NOW)
    found = improve(asked, base, bench.asker(), deadline=Deadline.within(30))
    assert found.unclassified
    assert found.summary == "The inspection found corrosion on four girders."
