"""Settings come from the environment on first use, and name what is missing."""

import pytest

from besunny.errors import MisconfiguredError
from besunny.settings import Settings


@pytest.fixture
def model():
    class TableSettings(Settings):
        workflows_table: str
        global_limit: int = 50

    return TableSettings


def test_fields_are_read_from_variables_of_their_name(model, monkeypatch):
    monkeypatch.setenv("WORKFLOWS_TABLE", "stack-WorkflowsTable-1")
    monkeypatch.setenv("GLOBAL_LIMIT", "7")
    assert (model.from_environment().workflows_table, model.from_environment().global_limit) == (
        "stack-WorkflowsTable-1",
        7,
    )


def test_missing_and_wrong_variables_are_named(model, monkeypatch):
    monkeypatch.delenv("WORKFLOWS_TABLE", raising=False)
    monkeypatch.setenv("GLOBAL_LIMIT", "many")
    with pytest.raises(MisconfiguredError, match=r"WORKFLOWS_TABLE.*GLOBAL_LIMIT"):
        model.from_environment()


def test_a_placeholder_of_sam_local_is_no_name(model, monkeypatch):
    monkeypatch.setenv("AWS_SAM_LOCAL", "true")
    monkeypatch.setenv("WORKFLOWS_TABLE", "WorkflowsTable")
    with pytest.raises(MisconfiguredError, match=r"WORKFLOWS_TABLE.*--env-vars"):
        model.from_environment()


def test_in_aws_a_table_may_have_any_name(model, monkeypatch):
    monkeypatch.delenv("AWS_SAM_LOCAL", raising=False)
    monkeypatch.setenv("WORKFLOWS_TABLE", "WorkflowsTable")
    assert model.from_environment().workflows_table == "WorkflowsTable"


def test_only_in_sam_local_may_a_function_do_without(model, monkeypatch):
    monkeypatch.setenv("WORKFLOWS_TABLE", "WorkflowsTable")
    monkeypatch.setenv("AWS_SAM_LOCAL", "true")
    assert model.unless_alone() is None
    monkeypatch.delenv("AWS_SAM_LOCAL")
    monkeypatch.delenv("WORKFLOWS_TABLE")
    with pytest.raises(MisconfiguredError):
        model.unless_alone()
