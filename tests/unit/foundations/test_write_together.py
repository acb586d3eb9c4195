"""A transaction that meets another one is tried again; one that is refused is not."""

import pytest
from botocore.exceptions import ClientError

from besunny.aws.dynamo import write_together


class Refusing:
    """A DynamoDB client that cancels so many transactions for a reason before it takes one."""

    class exceptions:
        ClientError = ClientError

    def __init__(self, reason, times):
        self.reason, self.times, self.calls = reason, times, 0

    def transact_write_items(self, **request):
        self.calls += 1
        if self.calls <= self.times:
            answer = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": [{"Code": self.reason}]}
            raise ClientError(answer, "TransactWriteItems")
        return {"taken": request["TransactItems"]}


def test_conflicts_are_waited_out_each_time_longer():
    waits = []
    client = Refusing("TransactionConflict", 3)
    assert write_together(client, [{"Put": {}}], sleep=waits.append) == {"taken": [{"Put": {}}]}
    assert len(waits) == 3
    assert waits[0] < waits[1] < waits[2]


def test_a_conflict_without_end_is_raised():
    client = Refusing("TransactionConflict", 100)
    with pytest.raises(ClientError):
        write_together(client, [], sleep=lambda seconds: None)
    assert client.calls == 6


@pytest.mark.parametrize("reason", ["ConditionalCheckFailed", "ValidationError"])
def test_a_refusal_is_raised_at_once(reason):
    client = Refusing(reason, 1)
    with pytest.raises(ClientError):
        write_together(client, [], sleep=lambda seconds: None)
    assert client.calls == 1
