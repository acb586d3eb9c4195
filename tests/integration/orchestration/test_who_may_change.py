"""Seeing a colleague's work is not changing it."""

import pytest

from besunny.api.principal import Role
from besunny.errors import ForbiddenError, NotFoundError
from besunny.orchestration.cancellation import cancel_workflow
from besunny.orchestration.models import RerunRequest
from besunny.orchestration.records import Status
from besunny.orchestration.repetition import rerun_workflow
from tests.integration.orchestration.conftest import user


def cancel(stack, workflow_id, caller):
    return cancel_workflow(stack.parts, workflow_id, caller, now=stack.now)


def rerun(stack, workflow_id, caller):
    return rerun_workflow(stack.parts, workflow_id, RerunRequest(services=["classification"]), caller, now=stack.now)


@pytest.mark.parametrize("change", [cancel, rerun])
def test_an_analyst_sees_a_colleagues_work_and_may_not_change_it(stack, change):
    made = stack.create().workflow_id
    if change is rerun:
        stack.finish(made)
    before = stack.record(made)
    with pytest.raises(ForbiddenError, match="operator"):
        change(stack, made, user("carol", role=Role.ANALYST))
    for stranger in (user("bob"), user("eve", tenant="globex", role=Role.ADMIN)):
        with pytest.raises(NotFoundError):
            change(stack, made, stranger)
    assert stack.record(made) == before
    changed = change(stack, made, user("oscar", role=Role.OPERATOR))
    assert changed.status is (Status.CANCELLED if change is cancel else Status.RUNNING)


def test_an_analyst_changes_their_own(stack):
    carol = user("carol", role=Role.ANALYST)
    made = stack.create(caller=carol).workflow_id
    assert cancel(stack, made, carol).status is Status.CANCELLED
