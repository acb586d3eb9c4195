"""Where feedback is kept."""

from besunny.settings import Settings


class FeedbackSettings(Settings):
    """Table of corrections and reviews, and the bucket with the texts they are about."""

    feedback_table: str
    data_bucket: str


class TableSettings(Settings):
    """For those who need no texts."""

    feedback_table: str
