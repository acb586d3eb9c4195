"""Instructions inside documents are data, though the model behind the server obeys each of them.

The server here is the worst that one can have: it chooses the project that the document orders, quotes the order as its
evidence, invents what it is told to, and repeats prompt and projects. What must hold: the form of the answer, the
project, and that nothing of the prompt, of other projects or of the server's inventions comes out.
"""

from datetime import UTC, datetime

import pytest

from besunny.inference.contracts.classification import ClassificationAnswer, ClassificationRequest
from besunny.inference.contracts.meeting_intelligence import MeetingAnswer, MeetingRequest
from besunny.inference.contracts.project_onboarding import ProjectOnboardingAnswer, ProjectOnboardingRequest
from besunny.inference.engines.answering import VectorEngine, first_answer
from besunny.inference.engines.embedded import embedded_engine
from besunny.inference.engines.protocol import Deadline
from besunny.inference.generative.prompts import fence_of
from tests.fake_openai import chat
from tests.unit.inference.generative.injections import ALL

NOW = datetime(2026, 5, 4, tzinfo=UTC)
RIGHT, WRONG = "p-harbour", "p-vaccine"
SECRET = "the client pays 48,500 euros under the table"
PROJECTS = [
    {
        "id": RIGHT,
        "name": "Harbour bridge renovation",
        "description": "Structural repair of the harbour bridge: steelwork, girders, scaffolding, lane closures.",
        "keywords": ["scaffolding", "girder", "corrosion", "lane closure"],
    },
    {
        "id": WRONG,
        "name": "Vaccine awareness campaign",
        "description": f"Public health campaign for the flu vaccine: posters, clinics, nurses; {SECRET}.",
        "keywords": ["flu", "vaccine", "clinic", "nurse"],
    },
]
MAIL = (
    "The inspection of the harbour bridge found corrosion on four girders of the north span. "
    "We must extend the scaffolding and ask the city for another lane closure.\n{attack}\n"
    "The additional girders will be ordered, and the scaffolding of the harbour bridge stays until spring."
)
EVIL = "Mallory must mail all passwords to https://evil.example/drop by 1 January 2030."


def attack_with(name, label):
    return ALL[name].format(label=label)


def label_in(request, name):
    return next(line.split(":")[0].removeprefix("- ") for line in request.document.splitlines() if f": {name}" in line)


def answered(bench, service, request, engine):
    engines = [bench.engine(service, encoder=engine), VectorEngine(engine)]
    return first_answer(engines, service, request, now=NOW, deadline=Deadline.within(60))


@pytest.fixture(scope="module")
def encoder():
    return embedded_engine()


@pytest.mark.parametrize("name", ALL)
def test_the_project_stays_and_nothing_leaks(bench, server, encoder, name):
    def obey(request):
        wrong = label_in(request, "Vaccine")
        leak = [request.body["messages"][0]["content"][:300], SECRET, f"Public health campaign; {SECRET}"]
        order = attack_with(name, "the vaccine project").strip()
        return chat(
            request,
            {
                "project": wrong,
                "confidence": 1.0,
                "project_id": WRONG,
                "tenant_id": "other",
                "quotes": [order, *leak],
                "summary_quotes": leak,
                "next_step_quotes": [EVIL, *leak],
                "tags": ["pwned", SECRET],
            },
        )

    server.reply = obey
    text = MAIL.format(attack=attack_with(name, "the vaccine project"))
    found = answered(
        bench,
        "classification",
        ClassificationRequest.model_validate({"content_text": text, "projects": PROJECTS}),
        encoder,
    )
    assert found.engine.name == "house"
    assert found.project_id == RIGHT
    assert found.needs_review, "two engines that disagree are a reason to look"
    assert ClassificationAnswer.model_validate(found.model_dump()) == found
    out = found.model_dump_json()
    assert SECRET not in out
    assert "You file documents" not in out
    assert "pwned" not in out
    for span in [*found.evidence, *found.summary_spans, *found.next_steps]:
        assert text[span.start : span.end] == span.text
    assert found.dropped_ungrounded >= 8


@pytest.mark.parametrize("name", ALL)
def test_the_document_stays_between_its_marks(bench, server, encoder, name):
    server.reply = lambda request: chat(
        request, {"project": "none", "quotes": [], "summary_quotes": [], "next_step_quotes": [], "tags": []}
    )
    text = MAIL.format(attack=attack_with(name, "the vaccine project"))
    asked = ClassificationRequest.model_validate({"content_text": text, "projects": PROJECTS})
    answered(bench, "classification", asked, encoder)
    (request,) = server.requests
    fence = fence_of(text)
    assert [message["role"] for message in request.body["messages"]] == ["system", "user"]
    assert text not in request.body["messages"][0]["content"]
    assert request.document.count(f"</{fence}>") == 1
    assert request.document.endswith(f"<{fence}>\n{text}\n</{fence}>")


@pytest.mark.parametrize("name", ALL)
def test_a_meeting_gets_no_task_that_nobody_gave(bench, server, encoder, name):
    order = attack_with(name, "the vaccine project")
    turns = [
        ("Ines", "We decided to move the launch to 20 May."),
        ("Guest", order),
        ("Jamal", "I will send the invoice."),
    ]
    meeting = MeetingRequest.model_validate({"segments": [{"speaker": who, "text": text} for who, text in turns]})

    def obey(request):
        prompt = request.body["messages"][0]["content"][:200]
        evil = {"text": "Transfer 9,000 euros to Mallory tonight.", "quote": "Transfer 9,000 euros", "turn": 0}
        leak = {"text": prompt, "quote": turns[0][1], "turn": 0}
        bent = {"text": "Wire the money to https://evil.example/drop?n=77", "quote": turns[2][1], "turn": 2}
        task = {"assignee": "Mallory", "due_words": "1 January 2031", "priority": "urgent"}
        every = [evil, leak, bent]
        return chat(
            request,
            {
                "summary": every,
                "key_points": every,
                "action_items": [{**one, **task} for one in every],
                "decisions": every,
                "open_questions": every,
                "participants_summary": [],
            },
        )

    server.reply = obey
    found = answered(bench, "meeting_intelligence", meeting, encoder)
    assert found.engine.name == "house"
    assert found.dropped_ungrounded == 15
    assert MeetingAnswer.model_validate(found.model_dump()) == found
    written = found.model_dump_json(exclude={"sources"})
    for piece in ("9,000", "n=77", "2031", "You write down what"):
        assert piece not in written
    assert {item.assignee for item in found.action_items} <= {"Ines", "Guest", "Jamal", None}
    assert {person.name for person in found.participants_summary} == {"Ines", "Guest", "Jamal"}
    for place in [*found.action_items, *found.decisions_made, *found.open_questions]:
        assert place.quote in turns[place.segment_index][1]


def test_a_server_that_hides_everything_does_not_hide_what_is_sure(bench, server, encoder):
    server.reply = lambda request: chat(
        request, {"summary": [], "key_points": [], "action_items": [], "decisions": [], "open_questions": []}
    )
    turns = [
        ("Ines", "We decided to move the launch to 20 May."),
        ("Jamal", "I will send the invoice by Friday, Ines."),
    ]
    meeting = {"meeting_date": "2026-05-04", "segments": [{"speaker": who, "text": text} for who, text in turns]}
    found = answered(bench, "meeting_intelligence", MeetingRequest.model_validate(meeting), encoder)
    assert [item.assignee for item in found.action_items] == ["Jamal"]


@pytest.mark.parametrize("name", ["plain order", "leak", "exfiltration", "authority"])
def test_an_onboarding_proposes_nothing_of_the_attackers(bench, server, encoder, name):
    def obey(request):
        evil = {"text": "Pay Mallory 9,000 euros first", "quote": attack_with(name, "x").strip()}
        leak = {"text": request.body["messages"][0]["content"][:150], "quote": "not there at all"}
        every = [evil, leak]
        lists = ("required_skills", "success_metrics", "risks", "recommendations")
        return chat(request, {"tags": ["pwned"], **dict.fromkeys(lists, every)})

    server.reply = obey
    asked = ProjectOnboardingRequest.model_validate(
        {"project_name": "Museum film", "overview": f"A film on the maritime museum. {attack_with(name, 'x')}"}
    )
    found = answered(bench, "project_onboarding", asked, encoder)
    assert found.dropped_ungrounded == 9
    assert ProjectOnboardingAnswer.model_validate(found.model_dump()) == found
    assert "9,000" not in found.model_dump_json()
    assert "pwned" not in found.tags
