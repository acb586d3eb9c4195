"""Print a JWT that the running stack takes: `make -s token ROLE=user SUB=alice TENANT=acme [PORT=3000]`."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

from local.stack import laptop, ports, record
from local.stack.errors import StackError


def main() -> None:
    options = argparse.ArgumentParser(prog="make token")
    for name in ("--port", "--role", "--sub", "--tenant"):
        options.add_argument(name, required=True)
    given = options.parse_args()
    running = record.require(ports.parse(given.port))
    print(laptop.token_for(running, role=given.role, sub=given.sub, tenant=given.tenant, now=datetime.now(UTC)))


if __name__ == "__main__":
    try:
        main()
    except StackError as error:
        sys.exit(f"token: {error}")
