"""Activity queue: what users did, into the activity table."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.observability.observed import observed
from besunny.performance.activity.models import Activity
from besunny.performance.activity.store import record_activity
from besunny.performance.settings import ActivitySettings

processor = BatchProcessor(event_type=EventType.SQS)


def handle_record(record: SQSRecord) -> None:
    """Record one activity; a second delivery changes nothing."""
    record_activity(ActivitySettings.from_environment().activity_table, Activity.model_validate_json(record.body))


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Record a batch; only what failed is delivered again."""
    return process_partial_response(event=event, record_handler=handle_record, processor=processor, context=context)
