"""Runs in each execution environment, under the runtime's Python: AWS's runtime client, and a guard that ends the
environment when the emulator does, however that ends.

Arguments: the read end of a pipe whose write end only the emulator holds, and the handler (`module.function`).
"""

import os
import runpy
import signal
import sys
import threading


def _end_with_emulator(pipe: int) -> None:
    os.read(pipe, 1)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def main() -> None:
    pipe, handler = int(sys.argv[1]), sys.argv[2]
    threading.Thread(target=_end_with_emulator, args=(pipe,), daemon=True).start()
    # As AWS's image does it: the function's folder comes first, and this script's own is not on the path.
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    sys.argv = ["awslambdaric", handler]
    runpy.run_module("awslambdaric", run_name="__main__")


if __name__ == "__main__":
    main()
