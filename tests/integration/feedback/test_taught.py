"""What corrections do: examples of projects, a class of none, and the last word on their own document."""

from datetime import UTC, datetime

import boto3
import numpy as np
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from besunny.api.principal import Principal, Role
from besunny.errors import MisconfiguredError
from besunny.feedback.corrections import Corrections
from besunny.inference.classification import taught as taught_module
from besunny.inference.classification.classify import classify
from besunny.inference.classification.people import decide, finish, prepare
from besunny.inference.classification.taught import model_of, taught
from besunny.inference.classification.teaching import correct
from besunny.inference.contracts.classification import ClassificationRequest
from besunny.inference.contracts.common import Document
from besunny.inference.contracts.engine import EngineInfo
from besunny.inference.contracts.feedback import FeedbackRequest
from tests.unit.inference.fake_engine import BagEngine

NOW = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)
PROJECTS = [{"id": "p-a", "name": "Apples"}, {"id": "p-b", "name": "Bridges"}]
TEXT = "samples arrived at the front desk on monday morning"
LIKE_IT = "more samples arrived at the front desk on tuesday morning"


@pytest.fixture(autouse=True)
def fresh(request, monkeypatch):
    monkeypatch.setattr(taught_module, "_known", type(taught_module._known)())


def teach(project_id, text=TEXT, tenant="acme", engine=None):
    asked = FeedbackRequest.model_validate({"document": {"content_text": text}, "project_id": project_id})
    caller = Principal(sub="ann", tenant_id=tenant, role=Role.USER)
    return correct(asked, engine or BagEngine(), caller, now=NOW)


def answered(text, tenant="acme", projects=PROJECTS):
    engine = BagEngine()
    request = ClassificationRequest.model_validate({"content_text": text, "projects": projects})
    request = prepare(request, engine, tenant_id=tenant)
    return decide(request, classify(request, engine, now=NOW))


def share(answer, project_id):
    shares = {one.project_id: one.confidence for one in answer.alternatives}
    return answer.confidence if answer.project_id == project_id else shares.get(project_id, 0.0)


@pytest.mark.usefixtures("aws")
def test_a_correction_is_an_example_for_documents_like_it():
    before = share(answered(LIKE_IT), "p-b")
    teach("p-b")
    after = answered(LIKE_IT)
    assert after.classification_source == "ai"
    assert share(after, "p-b") > before + 0.1


@pytest.mark.usefixtures("aws")
def test_what_belongs_nowhere_speaks_against_all_projects_for_what_is_like_it():
    teach("p-b")
    before = share(answered(LIKE_IT), "p-b")
    elsewhere = answered("steel girders of the bridges are painted on thursday", projects=PROJECTS)
    teach("", text="again more samples arrived at the front desk on tuesday morning")
    assert share(answered(LIKE_IT), "p-b") < before - 0.1
    # What is not like it is as it was.
    again = answered("steel girders of the bridges are painted on thursday", projects=PROJECTS)
    assert (again.project_id, again.confidence) == (elsewhere.project_id, elsewhere.confidence)


@pytest.mark.usefixtures("aws")
def test_a_person_has_the_last_word_unless_the_project_is_not_there():
    teach("p-b")
    assert (answered(TEXT).project_id, answered(TEXT).confidence) == ("p-b", 1.0)
    without = answered(TEXT, projects=PROJECTS[:1])
    assert (without.classification_source, without.needs_review) == ("ai", True)
    assert "`p-b`" in without.classification_notes
    assert answered(TEXT, tenant="other").classification_source == "ai"


@pytest.mark.usefixtures("aws")
def test_corrections_are_read_once_for_each_change(monkeypatch):
    reads = []
    real = Corrections.all_of
    monkeypatch.setattr(Corrections, "all_of", lambda self, tenant: reads.append(tenant) or real(self, tenant))
    assert taught("acme", BagEngine()).decided == {}
    assert reads == []
    teach("p-b")
    for _ in range(3):
        assert len(taught("acme", BagEngine()).decided) == 1
    teach("p-a", text=LIKE_IT)
    assert len(taught("acme", BagEngine()).decided) == 2
    assert reads == ["acme", "acme"]


@pytest.mark.usefixtures("aws")
def test_vectors_follow_the_engine_to_another_model_a_few_at_a_time(monkeypatch):
    class Another(BagEngine):
        info = EngineInfo(name="fake", model="another", version="1")

        def embed(self, texts):
            return -super().embed(texts)

    monkeypatch.setattr(taught_module, "_RENEWED_AT_ONCE", len(TEXT))
    for text in (TEXT, LIKE_IT):
        teach("p-b", text=text)
    assert len(taught("acme", BagEngine()).vectors) == 2
    taught_module._known.clear()
    engine = Another()
    first = taught("acme", engine)
    assert (len(first.decided), len(first.vectors)) == (2, 1)
    second = taught("acme", engine)
    assert len(second.vectors) == 2
    assert {one.model for one in Corrections("demo-feedback").all_of("acme")} == {model_of(engine)}
    assert np.allclose(np.linalg.norm(second.vectors, axis=1), 1, atol=1e-2)


def test_without_a_stack_sam_local_answers_all_the_same(monkeypatch, aws):
    boto3.client("dynamodb").delete_table(TableName="demo-feedback")
    monkeypatch.setenv("FEEDBACK_TABLE", "FeedbackTable")
    with pytest.raises(boto3.client("dynamodb").exceptions.ResourceNotFoundException):
        answered(TEXT)
    monkeypatch.delenv("FEEDBACK_TABLE")
    taught_module.FeedbackSettings.from_environment.cache_clear()
    with pytest.raises(MisconfiguredError):
        answered(TEXT)
    monkeypatch.setenv("FEEDBACK_TABLE", "FeedbackTable")
    monkeypatch.setenv("AWS_SAM_LOCAL", "true")
    engine = BagEngine()
    request = ClassificationRequest.model_validate({"content_text": TEXT, "projects": PROJECTS})
    request = prepare(request, engine, tenant_id="acme")
    answer = finish(request, classify(request, engine, now=NOW), tenant_id="acme", owner="ann", now=NOW)
    assert answer.needs_review
    assert answer.review_id is None


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("refused", ["PutObject", "UpdateItem", "PutItem"])
def test_a_review_that_cannot_be_queued_costs_nobody_their_answer(refused, monkeypatch, capsys):
    call = BaseClient._make_api_call

    def throttled(client, operation, options):
        if operation == refused:
            raise ClientError({"Error": {"Code": "SlowDown", "Message": "slow down"}}, operation)
        return call(client, operation, options)

    engine = BagEngine()
    request = ClassificationRequest.model_validate({"content_text": TEXT, "projects": PROJECTS})
    answer = classify(request, engine, now=NOW).model_copy(update={"needs_review": True})
    monkeypatch.setattr(BaseClient, "_make_api_call", throttled)
    found = finish(request, answer, tenant_id="acme", owner="ann", now=NOW)
    assert (found.needs_review, found.review_id) == (True, None)
    assert found.classification_notes.startswith(answer.classification_notes)
    assert "could not be put in the review queue" in found.classification_notes
    counted = [line for line in capsys.readouterr().out.splitlines() if '"ReviewsNotQueued":[1.0]' in line]
    assert len(counted) == 1
    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    assert finish(request, answer, tenant_id="acme", owner="ann", now=NOW).review_id


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("confidence", "language", "waits"), [(0.03, "en", False), (0.3, "en", True), (0.03, "de", True)]
)
def test_what_clearly_fits_no_project_waits_for_nobody(confidence, language, waits):
    engine = BagEngine()
    request = ClassificationRequest.model_validate({"content_text": TEXT, "projects": PROJECTS})
    unsure = {
        "confidence": confidence,
        "project_id": "",
        "unclassified": True,
        "needs_review": True,
        "alternatives": [],
    }
    answer = classify(request, engine, now=NOW).model_copy(update={**unsure, "language": language})
    found = finish(request, answer, tenant_id="acme", owner="ann", now=NOW)
    assert (found.review_id is not None) == waits


@pytest.mark.usefixtures("aws")
def test_a_correction_whose_text_is_lost_decides_and_breaks_nothing():
    class Another(BagEngine):
        info = EngineInfo(name="fake", model="another", version="1")

    kept = teach("p-b")
    boto3.client("s3").delete_object(Bucket="demo-data", Key=f"corrections/acme/{kept.correction_id}")
    found = taught("acme", Another())
    assert (found.decided, len(found.vectors)) == ({kept.correction_id: "p-b"}, 0)


def test_a_very_long_document_is_read_in_pieces_from_all_of_it(monkeypatch):
    monkeypatch.setattr(taught_module, "_LONGEST", 400)
    engine = BagEngine()
    taught_module.vector_of(Document(content_text="alpha " * 2000 + "omega " * 2000), engine)
    read = " ".join(engine.embedded)
    assert len(read) < 1000
    assert "alpha" in read
    assert "omega" in read
