"""Python functions run on AWS's own runtime client, in environments that are limited as AWS limits them.

AWS: a function's error keeps its `errorType` (Retry and Catch match it); it is killed at its Timeout and for memory
above its MemorySize; it sees its own environment variables and no others; a request or an answer above 6 MB is refused.
Stock ministack runs handlers in a script of its own: every error is a `Runtime.HandlerError`, a warm call takes 55 ms
instead of 5, and a burst starts a process for each concurrent call.
"""

from __future__ import annotations

import contextvars
import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from local.emulator.settings import EmulatorSettings
from local.repairs.lambda_runtime.environment import Environment, EnvironmentGone, Result
from local.repairs.lambda_runtime.memory import MemoryWatch
from local.repairs.lambda_runtime.packages import prune, unpack
from local.repairs.lambda_runtime.pool import EnvironmentPool, NoEnvironment
from local.repairs.pins import expect

# The environment that ran the invocation which this thread is about to log: its name is the log stream's.
current_environment: contextvars.ContextVar[str] = contextvars.ContextVar("current_environment", default="")


class FunctionRunner:
    """Runs one invocation of a function as ministack describes it (its `config`, `code_zip` and layers)."""

    def __init__(self, settings: EmulatorSettings) -> None:
        self._settings = settings
        self._cache = settings.data / "cache"
        self._memory = MemoryWatch()
        self.pool = EnvironmentPool(max_per_function=settings.max_environments, idle_seconds=settings.idle_seconds)
        for kind in ("code", "layers"):
            prune(self._cache / kind)

    def run(self, function: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        """ministack's record of an invocation: `body`, `log`, and `error` when it failed."""
        config = function.get("config") or function
        payload = json.dumps(event).encode()
        try:
            result = self._invoke(function, config, payload, request_id)
        except NoEnvironment:
            message = f"Rate Exceeded: every environment of {config['FunctionName']} stayed busy"
            throttled: dict[str, Any] = lambda_svc._throttle_response("ConcurrentInvocationLimitExceeded", message)
            # The name by which a state machine's Retry knows it.
            throttled["body"]["errorType"] = "Lambda.TooManyRequestsException"
            return throttled
        return {"body": result.payload, "log": result.log, **({"error": True} if result.failed else {})}

    def _invoke(self, function: dict[str, Any], config: dict[str, Any], payload: bytes, request_id: str) -> Result:
        key = _configuration(config)
        while True:
            with self.pool.lease(key, lambda: self._start(function, config)) as environment:
                current_environment.set(environment.name)
                self._memory.add(environment, int(config.get("MemorySize", 128)))
                try:
                    return environment.invoke(
                        payload,
                        request_id=request_id,
                        function_arn=config["FunctionArn"],
                        trace_id=lambda_svc._xray_trace_id_for_invocation(config),
                        timeout_seconds=float(config.get("Timeout", 3)),
                    )
                except EnvironmentGone:
                    continue
                finally:
                    self._memory.remove(environment)

    def _start(self, function: dict[str, Any], config: dict[str, Any]) -> Environment:
        code = unpack(self._cache / "code", [function["code_zip"]])
        layers = [lambda_svc._resolve_layer_zip(layer) for layer in config.get("Layers") or []]
        opt = unpack(self._cache / "layers", [layer for layer in layers if layer])
        scratch = Path(tempfile.mkdtemp(prefix=f"{config['FunctionName'][:40]}-"))
        return Environment(
            name=scratch.name.rsplit("-", 1)[-1],
            command=[str(self._settings.runtime_python)],
            variables=self._variables(config, code, opt),
            code=code,
            scratch=scratch,
        )

    def _variables(self, config: dict[str, Any], code: Path, opt: Path) -> dict[str, str]:
        """The variables AWS defines (lambda/latest/dg/configuration-envvars.html), and the function's own."""
        task_paths = [code, opt / "python" / "lib" / config["Runtime"] / "site-packages", opt / "python"]
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "LD_LIBRARY_PATH": f"{code}:{code}/lib:{opt}/lib",
            "PYTHONPATH": ":".join(map(str, task_paths)),
            "PYTHONNOUSERSITE": "1",
            "LAMBDA_TASK_ROOT": str(code),
            # Where a layer's files are: /opt on AWS, which no laptop lets a user write.
            "LAMBDA_LAYERS_ROOT": str(opt),
            "AWS_REGION": self._settings.region,
            "AWS_DEFAULT_REGION": self._settings.region,
            "AWS_ENDPOINT_URL": self._settings.aws_url,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{config['Runtime']}",
            "AWS_LAMBDA_FUNCTION_NAME": config["FunctionName"],
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
            "AWS_LAMBDA_FUNCTION_VERSION": config.get("Version", "$LATEST"),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": log_group(config),
            "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
            "_HANDLER": config["Handler"],
            **{name: value for name, value in lambda_runtime.execution_credentials(config).items() if value},
            **lambda_svc._runtime_env_vars(config),
        }


def log_group(config: dict[str, Any]) -> str:
    """The log group that a function writes to."""
    chosen: str | None = (config.get("LoggingConfig") or {}).get("LogGroup")
    return chosen or f"/aws/lambda/{config['FunctionName']}"


def _configuration(config: dict[str, Any]) -> str:
    """Names a configuration: a change of code or settings gets environments of its own, as on AWS."""
    deciding = ("CodeSha256", "Handler", "Runtime", "MemorySize", "Timeout", "Environment", "Layers", "LoggingConfig")
    digest = hashlib.sha256(json.dumps([config.get(name) for name in deciding], sort_keys=True).encode()).hexdigest()
    return f"{config['FunctionName']}:{config.get('Version', '$LATEST')}:{digest}"


def apply(settings: EmulatorSettings) -> FunctionRunner:
    """Put it in place of ministack's own executor; the caller closes the runner's pool at the end."""
    expect(lambda_svc, "_resolve_layer_zip", "attachment")
    expect(lambda_svc, "_runtime_env_vars", "config")
    expect(lambda_svc, "_throttle_response", "reason_code", "msg", "retry_after")
    expect(lambda_svc, "_xray_trace_id_for_invocation", "config", "inbound_trace_header")
    expect(lambda_runtime, "execution_credentials", "config")
    stock = expect(lambda_svc, "_execute_function_warm", "func", "event", "request_id")
    runner = FunctionRunner(settings)

    def execute(func: dict[str, Any], event: Any, request_id: str) -> Any:
        runtime = str((func.get("config") or func).get("Runtime", ""))
        if runtime.startswith("python") and func.get("code_zip"):
            return runner.run(func, event, request_id)
        return stock(func, event, request_id)

    lambda_svc._execute_function_warm = execute
    return runner
