"""One generation: asked within the retry policy, metered, checked against its model, and repaired once."""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from besunny.errors import EngineFailedError
from besunny.inference.contracts.engine import EngineInfo
from besunny.inference.contracts.engine_config import EngineSettings
from besunny.inference.engines.attempts import Attempts
from besunny.inference.engines.protocol import ChatModel, ChatRequest, Completion, Deadline
from besunny.inference.generative.metering import Meter
from besunny.inference.generative.prompts import fence_of, fenced, instructions
from besunny.inference.generative.schema import strict_schema
from besunny.observability.probe import Stopwatch
from besunny.validation import field_errors

Output = TypeVar("Output", bound=BaseModel)
_NAMED_FAULTS = 5


class Asker:
    """Asks one engine for one answer of a service.

    Attributes:
        info: of the engine, as the answer will carry it.
        settings: of the engine.

    Args:
        model: sends a request.
        meter: counts each.
        attempts: makes the tries of one generation.
    """

    def __init__(
        self,
        model: ChatModel,
        info: EngineInfo,
        settings: EngineSettings,
        meter: Meter,
        attempts: Callable[[int, Deadline], Attempts] = Attempts,
    ) -> None:
        self.info = info
        self.settings = settings
        self._model = model
        self._meter = meter
        self._attempts = attempts

    def ask(
        self,
        service: str,
        document: str,
        output: type[Output],
        *,
        deadline: Deadline,
        context: str = "",
        narrow: Callable[[dict[str, Any]], None] = lambda _schema: None,
        allowed: Callable[[Output], str | None] = lambda _output: None,
    ) -> Output:
        """What the engine makes of a document.

        Args:
            service: names the prompt.
            document: data, which goes between marks.
            output: the form of the answer.
            context: other data, put before the document.
            narrow: tightens the schema that is sent.
            allowed: what else is wrong with an output that has the form, or None.

        Raises:
            EngineUnavailableError: tries or time were used up.
            EngineFailedError: it refused, or its output was not usable after one repair.
        """
        fence = fence_of(document)
        schema = strict_schema(output)
        narrow(schema)
        text = f"{context}\n\n{fenced(document, fence)}".strip()
        tries = self._attempts(self.settings.attempts, deadline)
        fault = ""
        for _ in range(2):
            asked = (
                text if not fault else f"{text}\n\nAn answer to this was not usable: {fault}. Answer anew, in the form."
            )
            request = ChatRequest(instructions(service, fence), (("user", asked),), f"{service}_answer", schema)
            completion = tries.run(lambda request=request: self.once(request, deadline))  # type: ignore[misc]
            if completion.withheld:
                raise EngineFailedError(f"it would not answer ({completion.withheld})")
            found, fault = _checked(completion, output, allowed)
            if found is not None:
                return found
            if tries.left <= 0:
                break
        raise EngineFailedError(f"its output was not usable: {fault}")

    def once(self, request: ChatRequest, deadline: Deadline) -> Completion:
        """One request, metered; raises as `ChatModel.complete`."""
        watch = Stopwatch()
        completion = None
        try:
            completion = self._model.complete(request, deadline=deadline)
        finally:
            self._meter.count(
                self.info,
                self.settings.price,
                input_tokens=completion.input_tokens if completion else None,
                output_tokens=completion.output_tokens if completion else None,
                milliseconds=watch.elapsed_ms(),
                failed=completion is None,
            )
        return completion


def _checked(
    completion: Completion, output: type[Output], allowed: Callable[[Output], str | None]
) -> tuple[Output | None, str]:
    """The output, or why it is not one; that text repeats nothing that the server sent."""
    if completion.data is None:
        return None, "it was cut off, be briefer" if completion.cut_off else "it was no JSON object"
    try:
        found = output.model_validate(completion.data)
    except ValidationError as error:
        faults = field_errors(error.errors(include_url=False, include_input=False))[:_NAMED_FAULTS]
        return None, "; ".join(f"{one.field}: {one.reason}" for one in faults)
    fault = allowed(found)
    return (None, fault) if fault else (found, "")
