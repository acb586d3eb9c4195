"""What people do beside the classifier: doubtful documents are reviewed, corrections kept, followed and removed."""

from __future__ import annotations

from datetime import timedelta

import boto3

from tests.integration.least_privilege.account import Account

DOCUMENT = {"subject": "Lasagne", "content_text": "Grandmother says that it needs more nutmeg, and less salt."}
PROJECTS = [{"id": "p-clinic", "name": "Clinic opening"}, {"id": "p-office", "name": "Office"}]


def play(account: Account) -> None:
    """One document from doubt to a removed correction, another that is corrected at once."""
    review = classify(account, DOCUMENT)["review_id"]
    assert account.call("ListReviewsFunction")["reviews"]
    account.call("ClaimReviewFunction", path={"review_id": review})
    account.call("ResolveReviewFunction", path={"review_id": review}, body={"project_id": "p-office"})
    assert classify(account, DOCUMENT)["classification_source"] == "user"
    doubtful = {**DOCUMENT, "subject": "More lasagne"}
    classify(account, doubtful)
    model_changes(account, review)
    account.call("RecordFeedbackFunction", body={"document": doubtful, "project_id": "p-clinic"})
    assert classify(account, doubtful)["project_id"] == "p-clinic"
    assert len(account.call("ListFeedbackFunction")["corrections"]) == 2
    account.call("RemoveFeedbackFunction", path={"correction_id": review})
    account.now += timedelta(minutes=2)
    assert account.invoke("ReconcileWorkflowsFunction", {})["swept"]["corrections"]


def classify(account: Account, document: dict[str, str]) -> dict[str, str]:
    answer: dict[str, str] = account.call("ClassificationFunction", body={"document": document, "projects": PROJECTS})
    return answer


def model_changes(account: Account, correction: str) -> None:
    """As if the engine of this correction had been another."""
    boto3.client("dynamodb").update_item(
        TableName=account.names.refs["FeedbackTable"],
        Key={"pk": {"S": "acme"}, "sk": {"S": f"CORRECTION#{correction}"}},
        UpdateExpression="SET #model = :old",
        ExpressionAttributeNames={"#model": "model"},
        ExpressionAttributeValues={":old": {"S": "another/0"}},
    )
