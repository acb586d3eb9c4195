"""What the functions of stored projects do in their lives."""

from __future__ import annotations

from tests.integration.least_privilege.account import Account


def play(account: Account) -> None:
    """Saved from onboarding, with what the index holds of it; put, read, removed."""
    document = {"document_id": "brief", "project_id": "watch", "text": "The climber wears the watch."}
    account.call("IndexDocumentsFunction", body=document)
    wizard = {"project_name": "Alpine watch", "overview": "A commercial.", "project_id": "watch", "save": True}
    for saved in ("created", "replaced"):
        assert account.call("ProjectOnboardingFunction", body=wizard)["saved"] == saved
    assert account.call("PutProjectFunction", path={"project_id": "new"}, body={"name": "New"})["created"] is True
    path = {"project_id": "watch"}
    assert account.call("PutProjectFunction", path=path, body={"name": "Watch"})["created"] is False
    assert account.call("GetProjectFunction", path=path)["project"]["name"] == "Watch"
    assert "watch" in [project["id"] for project in account.call("ListProjectsFunction")["projects"]]
    account.call("RemoveProjectFunction", path=path)
