"""Whatever works without a caller who waits: its failures are kept, and an alarm tells of them and of its silence."""

import pytest

from tests.infrastructure.template import functions, resources, template

ALARMS = resources("AWS::CloudWatch::Alarm")
QUEUES = resources("AWS::SQS::Queue")
EVENTS = {
    (name, event): spec
    for name, properties in functions().items()
    for event, spec in properties.get("Events", {}).items()
    if spec["Type"] != "Api"
}


def of_type(*kinds):
    return [key for key, spec in EVENTS.items() if spec["Type"] in kinds]


def alarm(metric, dimension, **fields):
    """Whether one alarm is on that metric of that one thing, and is set so."""
    return any(
        found["MetricName"] == metric
        and [one["Value"] for one in found["Dimensions"]] == [dimension]
        and fields.items() <= found.items()
        for found in ALARMS.values()
    )


def queue_of(arn):
    """The logical id of the queue whose address this is."""
    name, attribute = arn["Fn::GetAtt"].split(".")
    assert attribute == "Arn"
    assert name in QUEUES
    return name


def is_watched_dead_letter_queue(name):
    visible = {"Fn::GetAtt": f"{name}.QueueName"}
    return alarm("ApproximateNumberOfMessagesVisible", visible, Threshold=0, TreatMissingData="notBreaching")


def test_every_kind_of_source_is_held_to_a_rule_here():
    assert {spec["Type"] for spec in EVENTS.values()} <= {"ScheduleV2", "EventBridgeRule", "SQS"}


@pytest.mark.parametrize(("name", "event"), of_type("ScheduleV2", "EventBridgeRule"))
def test_what_does_not_reach_its_function_or_fails_in_it_is_kept_and_told(name, event):
    undelivered = queue_of(EVENTS[name, event]["Properties"]["DeadLetterConfig"]["Arn"])
    failed = functions()[name]["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]
    assert failed["Type"] == "SQS"
    assert is_watched_dead_letter_queue(undelivered)
    assert is_watched_dead_letter_queue(queue_of(failed["Destination"]))
    assert alarm("Errors", {"Ref": name}, Namespace="AWS/Lambda", ComparisonOperator="GreaterThanThreshold")


@pytest.mark.parametrize(("name", "event"), of_type("ScheduleV2"))
def test_a_schedule_that_does_not_come_is_told(name, event):
    silence = {"ComparisonOperator": "LessThanThreshold", "Threshold": 1, "TreatMissingData": "breaching"}
    assert alarm("Invocations", {"Ref": name}, Namespace="AWS/Lambda", **silence), event


@pytest.mark.parametrize(("name", "event"), of_type("SQS"))
def test_a_queue_is_worked_off_message_by_message(name, event):
    properties = EVENTS[name, event]["Properties"]
    timeout = functions()[name].get("Timeout", template()["Globals"]["Function"]["Timeout"])
    # AWS asks for six times the function's: a message must not come again while it is worked on.
    assert QUEUES[queue_of(properties["Queue"])]["VisibilityTimeout"] >= 6 * timeout
    assert properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("name", QUEUES)
def test_a_queue_gives_up_into_another_one_and_tells_when_it_stands(name):
    if "RedrivePolicy" not in QUEUES[name]:
        assert is_watched_dead_letter_queue(name)
        assert QUEUES[name]["MessageRetentionPeriod"] == 14 * 24 * 3600
        return
    assert is_watched_dead_letter_queue(queue_of(QUEUES[name]["RedrivePolicy"]["deadLetterTargetArn"]))
    assert alarm("ApproximateAgeOfOldestMessage", {"Fn::GetAtt": f"{name}.QueueName"}, Namespace="AWS/SQS")
