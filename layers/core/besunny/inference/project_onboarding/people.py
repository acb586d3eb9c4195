"""The people of a project, from its contacts and its text."""

import re
from collections.abc import Sequence

from besunny.inference.contracts.common import Span
from besunny.inference.contracts.project_onboarding import Stakeholder

_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_ROLE = re.compile(r"\(([^()]+)\)|[,–-]\s+([^<,]+)$")
_FREE_MAIL = frozenset(("gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com", "proton.me", "gmx.de"))


def stakeholders(contacts: Sequence[str], named: Sequence[Span]) -> list[Stakeholder]:
    """The contacts, then those whom the text names besides; role and e-mail only where given."""
    found = [stakeholder(contact) for contact in contacts]
    known = " ".join(person.name.lower() for person in found)
    return found + [Stakeholder(name=span.text) for span in named if span.text.lower() not in known]


def stakeholder(contact: str) -> Stakeholder:
    """A contact as written: `Name (role) <mail>`, `Name, role`, or a mail alone."""
    mail = _MAIL.search(contact)
    rest = _MAIL.sub("", contact).replace("<>", "").strip(" ,;")
    role = _ROLE.search(rest)
    name = _ROLE.sub("", rest).strip(" ,;")
    return Stakeholder(
        name=name or (mail.group() if mail else contact),
        role=(role.group(1) or role.group(2)).strip() if role else None,
        email=mail.group() if mail else None,
    )


def company_domains(people: Sequence[Stakeholder]) -> list[str]:
    """The e-mail domains of people, without those that anybody can have."""
    domains = (person.email.rsplit("@", 1)[1].lower() for person in people if person.email)
    return list(dict.fromkeys(domain for domain in domains if domain not in _FREE_MAIL))
