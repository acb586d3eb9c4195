import itertools
from collections.abc import Sequence
from dataclasses import astuple
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from besunny.inference.classification import few_shot, lexical, profiles
from besunny.inference.classification.confidence import Signals, expected_calibration_error, fitted, probabilities
from besunny.inference.classification.profiles import profile
from besunny.inference.contracts.classification import ClassificationAnswer, ClassificationRequest
from besunny.inference.contracts.common import Document, Project
from besunny.inference.engines.embedded import embedded_engine
from besunny.inference.run import run
from tests.unit.inference.fake_engine import BagEngine

NOW = datetime(2030, 1, 2, tzinfo=UTC)
PROJECTS = [
    {
        "id": "coffee",
        "name": "Harbor Coffee Rebrand",
        "description": "New logo, packaging and menu design for Harbor Coffee, a chain of cafes in Portland.",
        "tags": ["branding", "design"],
        "keywords": ["logo", "packaging"],
    },
    {
        "id": "watch",
        "name": "Alpine Watch Commercial",
        "description": "30 second TV commercial for the Alpine watch, shot in the Swiss mountains with a climber.",
        "tags": ["video", "shoot"],
        "keywords": ["watch", "climber"],
    },
    {
        "id": "billing",
        "name": "Payments Platform Migration",
        "description": "Move the billing service from the old monolith to AWS Lambda and DynamoDB.",
        "tags": ["backend", "aws"],
        "keywords": ["billing", "migration"],
    },
]
DOCUMENTS = {
    "coffee": "Attached are three drafts of the new logo; it will look great on cups. Please send them to the printer.",
    "watch": "The climber is confirmed for the shoot at Zermatt on March 12. We need a helicopter permit, CHF 4,500.",
    "billing": "Deploy failed again: the Lambda timed out writing invoices to DynamoDB. I rolled back the migration.",
}
STRANGERS = [
    "Happy birthday grandma! We will visit you on Sunday and bring a cake.",
    "Your parcel has been shipped and will arrive tomorrow between nine and noon.",
    "The library closes early on Friday because of the football match.",
]


def classify(text: str, projects: list[dict[str, object]] | None = None, **document: object) -> ClassificationAnswer:
    request = {"content_text": text, **document, "projects": PROJECTS if projects is None else projects}
    answer = run("classification", request, engine=embedded_engine(), now=NOW)
    assert isinstance(answer, ClassificationAnswer)
    return answer


@pytest.mark.parametrize(("project", "text"), DOCUMENTS.items())
def test_a_document_finds_its_project_with_evidence(project: str, text: str) -> None:
    answer = classify(text)
    assert (answer.project_id, answer.unclassified, answer.needs_review) == (project, False, False)
    assert answer.evidence
    spans = [*answer.evidence, *answer.keywords, *answer.summary_spans, *answer.next_steps]
    spans += [span for _, found in answer.entities for span in found]
    assert all(text[span.start : span.end] == span.text for span in spans)
    assert answer.coverage.share == 1.0


@pytest.mark.parametrize("text", STRANGERS)
def test_a_text_of_no_project_is_left_unclassified(text: str) -> None:
    answer = classify(text)
    assert (answer.project_id, answer.unclassified, answer.needs_review) == ("", True, True)
    assert answer.confidence < 0.5
    assert (answer.evidence, answer.matched_tags) == ([], [])


def test_the_same_input_gives_the_same_answer_and_order_of_projects_does_not_matter() -> None:
    text = DOCUMENTS["watch"]
    assert classify(text) == classify(text)
    turned = classify(text, PROJECTS[::-1])
    assert (turned.project_id, turned.confidence) == (classify(text).project_id, classify(text).confidence)


def test_what_it_says_of_a_document_comes_from_it() -> None:
    answer = classify(DOCUMENTS["watch"], subject="Shoot")
    assert [span.text for span in answer.entities.dates] == ["March 12"]
    assert [span.text for span in answer.entities.money] == ["CHF 4,500"]
    assert answer.matched_tags == ["shoot"]
    assert [span.text for span in answer.next_steps] == ["We need a helicopter permit, CHF 4,500."]
    assert answer.summary.startswith("The climber is confirmed")
    assert "video" not in answer.inferred_tags


def test_without_projects_it_says_so_and_still_reads_the_text() -> None:
    answer = classify(DOCUMENTS["billing"], [])
    assert answer.unclassified
    assert "no project" in answer.classification_notes
    assert answer.keywords
    assert "technical" in answer.categories


def test_a_transcript_needs_more_certainty(monkeypatch: pytest.MonkeyPatch) -> None:
    # As sure of the second project as a mail needs, and not as a transcript does.
    shares = np.array([0.01, 0.65, 0.01], dtype=np.float32)
    monkeypatch.setattr("besunny.inference.classification.classify.probabilities", lambda signals: shares)
    text = DOCUMENTS["watch"]
    mail, transcript = classify(text, type="email"), classify(text, type="transcript")
    assert (mail.project_id, mail.needs_review) == ("watch", True)
    assert (transcript.project_id, transcript.unclassified) == ("", True)
    assert "0.7" in transcript.classification_notes


def test_a_language_it_does_not_know_goes_to_review() -> None:
    answer = classify(
        "Wir haben das neue Logo für die Kaffeekette und die Verpackung mit den Farben noch nicht fertig."
    )
    assert answer.language == "de"
    assert answer.needs_review
    assert "`de`" in answer.classification_notes


def test_what_stands_late_in_a_long_document_is_read() -> None:
    filler = "The weather was calm and the sea was flat, and nothing else happened on that day. " * 400
    answer = classify(
        filler + DOCUMENTS["coffee"] + " The logo, the packaging and the menu of Harbor Coffee are ready."
    )
    assert answer.alternatives or answer.project_id == "coffee"
    named = [answer.project_id, *(alternative.project_id for alternative in answer.alternatives)]
    assert next(filter(None, named)) == "coffee"
    assert answer.coverage.share == 1.0


def test_examples_make_a_bare_project_findable() -> None:
    bare = [{"id": "a", "name": "Blue"}, {"id": "b", "name": "Green"}]
    taught = [
        {**bare[0], "examples": ["The oven is too hot for the bread", "Order more flour and yeast for Monday"]},
        {**bare[1], "examples": ["The goalkeeper is injured", "We lost the match two to one"]},
    ]
    text = "The dough did not rise, we need fresh yeast."
    assert classify(text, bare).unclassified
    assert classify(text, taught).project_id == "a"
    assert classify("The striker scored in the last minute of the match", taught).project_id == "b"


def test_few_shot_weights_separate_what_they_were_taught() -> None:
    projects = [
        Project(id=str(i), name=w, examples=[f"{w} one", f"{w} two"]) for i, w in enumerate(["red", "blue", "green"])
    ]
    engine = BagEngine()
    trained = few_shot.train(profile(projects, engine))
    for index, project in enumerate(projects):
        vector = engine.embed([f"{project.name} three"])[0]
        assert int(trained.telling.of(vector).argmax()) == index
        assert int(trained.typical.of(vector).argmax()) == index


def test_very_many_rows_are_learned_without_descent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(few_shot, "_LARGEST", 1)
    projects = [Project(id=str(i), name=w, examples=[f"{w} one"]) for i, w in enumerate(["red", "blue", "green"])]
    trained = few_shot.train(profile(projects, BagEngine()))
    assert int(trained.telling.of(BagEngine().embed(["blue three"])[0]).argmax()) == 1


@given(
    st.lists(st.floats(-0.25, 1, width=32), min_size=1, max_size=6),
    st.lists(st.floats(0, 1, width=32), min_size=6, max_size=6),
    st.floats(0.0625, 0.5, width=32),
    st.booleans(),
    st.booleans(),
)
def test_more_of_a_signal_never_lowers_the_best_projects_confidence(
    near: list[float], words: list[float], more: float, exampled: bool, described: bool
) -> None:
    def best(raised_near: float, raised_words: float) -> float:
        nearness, strengths = np.array(near, dtype=np.float32), np.array(words[: len(near)], dtype=np.float32)
        logits = np.zeros(len(near), dtype=np.float32) if exampled else None

        def shares_of() -> np.ndarray:
            signals = Signals(nearness, nearness, strengths, strengths, 0.3, logits, logits, described=described)
            return probabilities(signals)

        first = int(shares_of().argmax())
        nearness[first] += raised_near
        strengths[first] += raised_words
        shares = shares_of()
        assert shares.min() >= 0
        assert shares.sum() <= 1 + 1e-5
        return float(shares[first])

    assert best(more, 0) >= best(0, 0) - 1e-6
    assert best(0, more) >= best(0, 0) - 1e-6


def test_fitted_weights_push_the_right_way() -> None:
    for weights in fitted().values():
        *pushing, bias = astuple(weights)
        assert min(pushing) >= 0 > bias
        near = weights.any_middle + weights.any_best
        assert min(weights.middle + weights.telling, weights.words, near, weights.any_words) > 0


def test_a_document_like_everyday_post_is_less_probably_of_a_project() -> None:
    near, words = np.array([0.4, 0.1], dtype=np.float32), np.array([0.1, 0], dtype=np.float32)
    plain, post = (probabilities(Signals(near, near, words, words, background)) for background in (0.1, 0.6))
    assert plain[0] > post[0] + 0.1


def test_calibration_error_of_known_cases() -> None:
    assert expected_calibration_error([1.0, 1.0], [True, True]) == 0
    assert expected_calibration_error([0.9, 0.9], [False, False]) == pytest.approx(0.9)
    assert expected_calibration_error([0.5, 0.5, 1.0, 1.0], [True, False, True, False]) == pytest.approx(0.25)


def terms_in(document: Document, *projects: Project) -> list[list[lexical.Match]]:
    return lexical.matches(document, lexical.DocumentWords.of(document), projects)


def hits(text: str, *projects: Project, **document: str) -> list[list[tuple[str, str]]]:
    found = terms_in(Document(content_text=text, **document), *projects)
    return [[(hit.term, hit.source) for hit in own] for own in found]


def test_terms_match_whole_words_in_any_number_and_phrases_in_order() -> None:
    project = Project(id="1", name="Solar Farm", tags=["invoice"], keywords=["art", "panel prices"])
    assert hits("Two invoices for the solar farms; the party; prices of a panel.", project) == [
        [("Solar Farm", "name"), ("invoice", "tag"), ("Solar", "part of the name"), ("Farm", "part of the name")]
    ]


def test_a_match_is_cited_where_the_text_has_it_though_the_subject_has_it_too() -> None:
    text = "We spoke of the logo."
    ((hit,),) = terms_in(Document(content_text=text, subject="Logo"), Project(id="1", name="Xyz", tags=["logo"]))
    assert text[hit.start : hit.end] == "logo"


def test_a_term_of_every_project_says_less_than_a_term_of_one() -> None:
    one, other = Project(id="1", name="Aaa", tags=["budget", "tuba"]), Project(id="2", name="Bbb", tags=["budget"])
    found = terms_in(Document(content_text="The tuba is over budget."), one, other)
    weights = {hit.term: hit.weight for hit in found[0]}
    assert weights["tuba"] > weights["budget"] > 0


def test_the_author_speaks_for_a_project_that_names_them() -> None:
    project = Project(id="1", name="Aaa", description="Contact: mia@harbor.example")
    assert hits("See you.", project, author="Mia <mia@harbor.example>") == [[("Mia <mia@harbor.example>", "author")]]
    assert hits("See you.", project, author="Tom <tom@harbour.example>") == [[]]


def test_a_colleague_and_a_firm_called_like_the_project_speak_for_it_but_a_public_mail_service_does_not() -> None:
    contact = Project(id="1", name="Aaa", description="Contact: mia@harbor.example or mia.lind@gmail.com")
    called = Project(id="2", name="Maple & Rye Rebrand")
    (first, second) = hits("See you.", contact, called, author="Tom <tom@harbor.example>")
    assert (first, second) == ([("Tom <tom@harbor.example>", "author's domain")], [])
    (first, second) = hits("See you.", contact, called, author="an@mail.mapleandrye.co.uk")
    assert (first, second) == ([], [("an@mail.mapleandrye.co.uk", "author's domain")])
    assert hits("See you.", contact, called, author="Tom <tom@gmail.com>") == [[], []]


def test_a_part_of_the_name_says_more_where_it_is_written_as_a_name() -> None:
    project = Project(id="1", name="Kestrel Website")
    (named,), (plain,) = (
        [hit for hit in terms_in(Document(content_text=text), project)[0] if hit.term == "Kestrel"]
        for text in ("The report of Kestrel is late.", "A kestrel sat on the fence.")
    )
    assert named.weight > 2 * plain.weight


def test_names_of_attachments_are_read() -> None:
    document = Document(content_text="See you.", attachments=["solar_farm.pdf", {"filename": "Invoice.docx"}])
    (found,) = terms_in(document, Project(id="1", name="Solar Farm", tags=["invoice"]))
    assert {hit.term for hit in found} == {"Solar Farm", "Solar", "Farm", "invoice"}


def test_a_word_said_once_in_a_long_text_says_less() -> None:
    project = Project(id="1", name="Aaa", tags=["tuba"])
    texts = ["A tuba plays.", "A tuba plays." + " More words follow here." * 1000]
    strengths = [lexical.strength(terms_in(Document(content_text=text), project)[0]) for text in texts]
    assert strengths[0] > 4 * strengths[1] > 0


def test_repeated_text_is_embedded_once() -> None:
    engine = embedded_engine()
    passes = itertools.count()
    plain = engine._pass  # the one place where the model runs

    def counted(ids: list[int]) -> object:
        next(passes)
        return plain(ids)

    engine._pass = counted  # type: ignore[method-assign, assignment]
    try:
        classify("The budget of the tuba project is fine and everybody is content with it. " * 5000, [PROJECTS[0]])
    finally:
        del engine._pass
    assert next(passes) < 60


def test_request_models_pass_through_run() -> None:
    request = ClassificationRequest.model_validate({"content": DOCUMENTS["coffee"], "projects": PROJECTS})
    assert run("classification", request, engine=embedded_engine(), now=NOW) == classify(DOCUMENTS["coffee"])


def test_examples_are_read_once_for_all_requests_with_the_same_projects() -> None:
    engine = BagEngine()
    read: list[str] = []
    plain = engine.embed

    def counted(texts: Sequence[str]) -> "np.ndarray":
        read.extend(texts)
        return plain(texts)

    engine.embed = counted  # type: ignore[method-assign]
    projects = [{"id": str(i), "name": f"once {i}", "examples": [f"only here {i}"]} for i in range(3)]
    for text in ("The first letter.", "The second letter."):
        run("classification", {"content_text": text, "projects": projects}, engine=engine, now=NOW)
    assert [read.count(f"only here {i}") for i in range(3)] == [1, 1, 1]
    changed = [{**projects[0], "examples": ["only here 0", "and this"]}, *projects[1:]]
    run("classification", {"content_text": "The third.", "projects": changed}, engine=engine, now=NOW)
    assert read.count("only here 0") == 1
    assert read.count("and this") == 1


def test_more_examples_than_one_request_can_read_are_read_evenly_and_it_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(profiles, "_WINDOWS", 8)
    projects = [{"id": str(i), "name": f"many {i}", "examples": [f"text {i} {k}" for k in range(50)]} for i in range(2)]
    found = profile([Project.model_validate(project) for project in projects], BagEngine())
    assert (found.examples, found.examples_read, np.bincount(found.owner).tolist()) == (100, 6, [4, 4])
    answer = run("classification", {"content_text": "A text.", "projects": projects}, engine=BagEngine(), now=NOW)
    assert isinstance(answer, ClassificationAnswer)
    assert "Of 100 examples 6 were read" in answer.classification_notes


def test_the_phrases_of_a_description_speak_for_themselves() -> None:
    travel = Project(id="t", name="Travel", description="Flights, hotels and visas. A budget of 3.5 million: holidays.")
    said = profiles.statements(travel)
    assert {"Flights", "hotels", "visas", "A budget of 3.5 million", "holidays"} <= set(said)
    assert len(profiles.statements(travel, short=True)) == 1


def test_a_name_of_one_word_counts_as_a_word_and_less_where_it_is_not_written_as_a_name() -> None:
    def weight(name: str, text: str) -> float:
        document = Document(content_text=text)
        found = lexical.matches(document, lexical.DocumentWords.of(document), [Project(id="p", name=name)])
        return found[0][0].weight

    pair = weight("Alpine Pulse", "We met for Alpine Pulse.")
    assert weight("Pulse", "We met for Pulse.") < 0.6 * pair
    assert weight("Pulse", "The nurse felt his pulse.") < 0.2 * pair
