"""What pydantic raises about a caller's text may reach a log, so it must not hold the text."""

import pytest
from pydantic import ValidationError

from besunny.inference.contracts.parse import SERVICES, request_model

SECRET = "the merger with Quartz Ltd"


@pytest.mark.parametrize("service", SERVICES)
def test_a_validation_error_holds_nothing_of_the_input(service):
    broken = {
        "content_text": {"x": SECRET},
        "segments": [{"text": [SECRET]}],
        "overview": [SECRET],
        "texts": {1: SECRET},
    }
    with pytest.raises(ValidationError) as caught:
        request_model(service).model_validate(broken)
    assert SECRET not in str(caught.value)
