"""A project's id, where its caller gives none."""

import re
from hashlib import sha256

from besunny.inference.contracts.project_onboarding import ProjectOnboardingRequest


def project_id_of(request: ProjectOnboardingRequest) -> str:
    """The id that was given, else one made from the name: the same for the same name, however it is spaced or cased."""
    if request.project_id is not None:
        return request.project_id
    name = " ".join(request.project_name.casefold().split())
    readable = re.sub(r"[^a-z0-9]+", "-", name).strip("-")[:40].rstrip("-")
    return "-".join(filter(None, (readable, sha256(name.encode()).hexdigest()[:8])))
