"""Prompts: a file each, its version in its name. A changed prompt is a new file, and counts up in `PROMPT_VERSIONS`."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from besunny.inference.contracts.versions import PROMPT_VERSIONS


@lru_cache
def _template(service: str) -> str:
    return (Path(__file__).parent / f"{service}.v{PROMPT_VERSIONS[service]}.txt").read_text().strip()


def instructions(service: str, fence: str) -> str:
    """The system prompt of a service, for a document between marks of this name."""
    return _template(service).replace("{fence}", fence)


def fence_of(text: str) -> str:
    """The name of the marks around a document: from its content, so that no text can hold its own."""
    return f"document-{sha256(text.encode(errors='surrogatepass')).hexdigest()[:20]}"


def fenced(text: str, fence: str) -> str:
    """A document between its marks."""
    return f"<{fence}>\n{text}\n</{fence}>"
