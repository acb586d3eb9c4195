"""The API as a user calls it: HTTP, JSON, a token."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

WORKFLOWS = "/v1/ai-orchestration/workflows"
ENDED = {"completed", "partially_completed", "failed", "cancelled", "timed_out"}


@dataclass(frozen=True)
class Client:
    """One caller of a running stack.

    Attributes:
        api_url: where the stack answers.
        token: the caller's JWT; empty for none.
    """

    api_url: str
    token: str = ""

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """One request, never followed by another; redirects and retries are the test's own business."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers.update(options.pop("headers", {}))
        return requests.request(method, self.api_url + path, headers=headers, timeout=60, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        """GET."""
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> requests.Response:
        """POST of a JSON body."""
        return self.call("POST", path, json=body, **options)

    def submit(self, workflow_type: str, input_data: Any, **fields: Any) -> dict[str, Any]:
        """Start a workflow that must be taken, and return the first answer."""
        response = self.post(WORKFLOWS, {"workflow_type": workflow_type, "input_data": input_data, **fields})
        assert response.status_code in (200, 202), response.text
        return dict(response.json())

    def status(self, workflow_id: str) -> dict[str, Any]:
        """The workflow as it stands."""
        response = self.get(f"{WORKFLOWS}/{workflow_id}/status")
        assert response.status_code == 200, response.text
        return dict(response.json())

    def ended(self, workflow_id: str, *, within: float = 60) -> dict[str, Any]:
        """The workflow once it has ended."""
        return until(lambda: self.status(workflow_id), lambda view: view["status"] in ENDED, within=within)

    def run(self, workflow_type: str, input_data: Any, *, within: float = 60, **fields: Any) -> dict[str, Any]:
        """Start a workflow and return it ended."""
        return self.ended(self.submit(workflow_type, input_data, **fields)["workflow_id"], within=within)


def until(look: Callable[[], Any], good: Callable[[Any], bool], *, within: float = 60) -> Any:
    """What `look` gives as soon as it is `good`.

    Raises:
        AssertionError: it was not within that many seconds; shows what was last seen.
    """
    deadline = time.monotonic() + within
    while not good(seen := look()):
        assert time.monotonic() < deadline, f"not within {within} s; last seen: {str(seen)[:2000]}"
        time.sleep(0.2)
    return seen
