"""Stored projects: from onboarding and from callers, for classification, apart for each tenant."""

from datetime import timedelta
from functools import partial
from types import SimpleNamespace

import boto3
import pytest

from besunny import projects
from besunny.aws import clients
from besunny.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from besunny.inference.contracts.common import Project
from besunny.inference.contracts.project_onboarding import ProjectOnboardingRequest
from besunny.inference.contracts.projects import ProjectBody
from besunny.inference.project_onboarding.onboard import onboard
from besunny.inference.project_onboarding.saving import onboarded, store
from besunny.inference.search.settings import IndexSettings
from besunny.projects import Editor, StoredProject, get_project, page_of_projects, remove_project, stored_projects
from tests.integration.inference.conftest import BUCKET, NOW, TABLE, Interrupted, make_table

ALICE, BOB = Editor("acme", "alice"), Editor("acme", "bob")
OPERATOR, STRANGER = Editor("acme", "carol", changes_all=True), Editor("globex", "alice")
WATCH = {
    "project_name": "Alpine Watch Commercial",
    "overview": "A TV commercial for the Alpine watch, shot by drone in the Swiss mountains with a climber.",
    "keywords": "watch, climber",
}
LATER = NOW + timedelta(hours=1)


def forget():
    for cached in (clients.dynamodb, clients.s3):
        cached.cache_clear()
    for settings in (projects.ProjectSettings, IndexSettings):
        settings.from_environment.cache_clear()


@pytest.fixture(autouse=True)
def tables(library, monkeypatch):
    make_table("ProjectsTable")
    for name, value in {"PROJECTS_TABLE": "ProjectsTable", "INDEX_TABLE": TABLE, "DATA_BUCKET": BUCKET}.items():
        monkeypatch.setenv(name, value)
    forget()
    yield
    forget()


@pytest.fixture
def run(library):
    def run(fields, editor=ALICE, *, now=NOW):
        request = ProjectOnboardingRequest.model_validate(fields)
        compute = partial(onboard, engine=library.parts.engine, now=now)
        return onboarded(request, editor, compute, now=now)

    return run


def kept(tenant="acme"):
    return {project["id"]: project for project in stored_projects(tenant)}


def test_nothing_is_stored_unless_asked(run):
    answer = run(WATCH)
    assert (answer.saved, kept()) == (None, {})
    assert answer.project_id.startswith("alpine-watch-commercial-")


def test_a_saved_profile_is_a_project_that_classification_takes(run):
    answer = run({**WATCH, "save": True})
    assert answer.saved == "created"
    project = kept()[answer.project_id]
    taken = Project.model_validate(project)
    assert (taken.id, taken.name, taken.description) == (answer.project_id, answer.title, WATCH["overview"])
    assert taken.tags[:2] == ["watch", "climber"]
    assert taken.keywords == answer.keywords
    assert project["entity_patterns"] == answer.entity_patterns.model_dump()
    assert (project["created_by"], project["created_at"]) == ("alice", "2026-05-04T12:00:00.000Z")
    assert kept("globex") == {}


def test_the_same_name_is_the_same_project_however_it_is_written(run):
    first = run({**WATCH, "save": True})
    again = run({**WATCH, "project_name": " alpine  watch COMMERCIAL ", "overview": "New.", "save": True}, now=LATER)
    assert (again.project_id, again.saved) == (first.project_id, "replaced")
    project = kept()[first.project_id]
    assert (project["description"], project["created_at"]) == ("New.", "2026-05-04T12:00:00.000Z")
    assert project["updated_at"] == "2026-05-04T13:00:00.000Z"
    named = run({**WATCH, "project_id": "p-1", "save": True})
    assert (named.project_id, named.saved, len(kept())) == ("p-1", "created", 2)


def test_names_of_other_scripts_get_ids_too(run):
    ids = {run({**WATCH, "project_name": name}).project_id for name in ("山岳時計", "Часы", "!!!")}
    assert len(ids) == 3


def test_a_colleague_s_project_is_changed_by_operators_alone(run):
    saved = {**WATCH, "project_id": "p-1", "save": True}
    run(saved)
    with pytest.raises(ForbiddenError):
        run({**saved, "overview": "Taken over."}, BOB)
    with pytest.raises(ForbiddenError):
        remove_project("p-1", BOB, now=NOW)
    with pytest.raises(NotFoundError):
        remove_project("p-1", STRANGER, now=NOW)
    assert kept()["p-1"]["description"] == WATCH["overview"]
    assert run({**saved, "overview": "Corrected."}, OPERATOR).saved == "replaced"
    assert kept()["p-1"]["created_by"] == "alice"
    remove_project("p-1", ALICE, now=LATER)
    assert kept() == {}


def test_a_project_as_a_caller_puts_it(run):
    body = ProjectBody.model_validate({"name": "Bridge", "keywords": ["girder"], "examples": ["Rust on the span."]})
    assert store("p-2", body, ALICE, now=NOW).created
    assert Project.model_validate(kept()["p-2"]).examples == ["Rust on the span."]
    changed = store("p-2", ProjectBody.model_validate({"name": "Bridge", "status": "archived"}), ALICE, now=LATER)
    assert not changed.created
    assert changed.project.keywords == []
    assert kept() == {}, "an archived project is not chosen"
    assert get_project("acme", "p-2").status == "archived"
    with pytest.raises(NotFoundError):
        get_project("globex", "p-2")


def test_what_cannot_be_stored_names_its_field():
    body = ProjectBody.model_validate({"name": "Bridge", "examples": ["x" * 33_000] * 2})
    with pytest.raises(InvalidInputError, match="more than 65,536"):
        store("p-2", body, ALICE, now=NOW)
    with pytest.raises(InvalidInputError) as refused:
        store("a/b", ProjectBody.model_validate({"name": "Bridge"}), ALICE, now=NOW)
    assert refused.value.errors[0].field == "project_id"


def put(name, editor=ALICE, *, now=NOW):
    return projects.put_project(StoredProject(id=name, name="N"), editor, now=now)


def test_a_tenant_stores_so_many_projects_and_no_more(monkeypatch):
    monkeypatch.setattr(projects, "MAX_STORED", 2)
    put("p1")
    put("p2")
    with pytest.raises(ConflictError, match="2 projects are stored"):
        put("p3")
    assert put("p2", now=LATER)[1], "one that stands may be replaced"
    put("p3", STRANGER)
    remove_project("p1", ALICE, now=LATER)
    with pytest.raises(NotFoundError):
        remove_project("p1", ALICE, now=LATER)
    put("p3")
    with pytest.raises(ConflictError):
        put("p4", OPERATOR)
    assert kept().keys() == {"p2", "p3"}


def test_two_that_store_the_last_project_at_once_do_not_both(monkeypatch):
    monkeypatch.setattr(projects, "MAX_STORED", 2)
    put("p1")
    plain = clients.dynamodb()
    monkeypatch.setattr(projects, "clients", SimpleNamespace(dynamodb=lambda: interrupted))
    interrupted = Interrupted(plain, lambda: put("p2"))
    with pytest.raises(ConflictError):
        put("p3")
    assert kept().keys() == {"p1", "p2"}


def test_a_project_that_another_one_makes_in_the_same_moment_is_theirs(monkeypatch):
    plain = clients.dynamodb()
    monkeypatch.setattr(projects, "clients", SimpleNamespace(dynamodb=lambda: interrupted))
    interrupted = Interrupted(plain, lambda: put("p1", BOB))
    with pytest.raises(ForbiddenError):
        put("p1")
    assert kept()["p1"]["created_by"] == "bob"


def test_a_classification_reads_no_more_projects_than_there_may_be(monkeypatch):
    for number in range(3):
        put(f"p{number}")
    monkeypatch.setattr(projects, "MAX_STORED", 2)
    assert kept().keys() == {"p0", "p1"}


def test_whose_a_project_is_is_asked_before_it_is_computed():
    put("p-1", BOB)

    def never(request):
        raise AssertionError("an engine was called for what may not be saved")

    request = ProjectOnboardingRequest.model_validate({**WATCH, "project_id": "p-1", "save": True})
    with pytest.raises(ForbiddenError):
        onboarded(request, ALICE, never, now=NOW)


def test_pages_hold_every_project_once():
    for number in range(7):
        projects.put_project(StoredProject(id=f"p{number}", name="N"), ALICE, now=NOW)
    seen, after = [], None
    while True:
        page, after = page_of_projects("acme", limit=3, after=after)
        seen += [project.id for project in page]
        if after is None:
            break
    assert seen == [f"p{number}" for number in range(7)]


def test_each_change_leaves_an_audit_record_that_is_nobody_s_project(run):
    run({**WATCH, "project_id": "p-1", "save": True})
    remove_project("p-1", ALICE, now=LATER)
    items = boto3.client("dynamodb").scan(TableName="ProjectsTable")["Items"]
    assert [item["action"]["S"] for item in items if "action" in item] == ["stored", "removed"]
    assert "climber" not in str(items)
    assert stored_projects("AUDIT#acme") == []
    assert page_of_projects("AUDIT#acme", limit=10, after=None) == ([], None)


def test_what_the_tenant_has_indexed_of_the_project_feeds_its_profile(library, run):
    for number in range(2):
        text = f"Mail {number}: Keller Optik AG moves the heliostat. The heliostat is late, says Ms Rivera."
        library.put({"document_id": f"d{number}", "project_id": "p-1", "text": text})
    library.put({"document_id": "other", "project_id": "p-2", "text": "Bread is baked by Oven Works Ltd. Ovens!"})
    library.put({"document_id": "theirs", "project_id": "p-1", "text": "Secret Sauce Ltd."}, tenant="globex")
    answer = run({**WATCH, "project_id": "p-1", "documents": ["The climber was found."]})
    assert answer.documents_read == 3
    assert "heliostat" in answer.keywords
    assert "Keller Optik AG" in answer.entity_patterns.organizations
    assert not {"Secret Sauce Ltd.", "Oven Works Ltd."} & set(answer.entity_patterns.organizations)
    assert run(WATCH).documents_read == 0


def test_names_that_one_document_of_many_mentions_are_no_pattern(run):
    documents = ["Keller Optik AG wrote.", "Keller Optik AG called.", "Oven Works Ltd. sent spam."]
    found = run({**WATCH, "documents": documents}).entity_patterns.organizations
    assert "Keller Optik AG" in found
    assert not any("Oven" in name for name in found)
