"""Whether the author of a document speaks for a project: named in it, or writing from its people's domain."""

# ruff: noqa: SIM905 (lists of words read better as text)
import re

from besunny.inference.contracts.common import Project

_ADDRESS = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
# Anybody may write from these.
_PUBLIC = frozenset(
    """gmail googlemail outlook hotmail live msn yahoo ymail icloud me mac aol proton protonmail gmx web mail fastmail
    zoho yandex qq 163 t-online orange wanadoo free""".split()
)
_SHORTEST_NAME, _SHORTEST_DOMAIN = 4, 5


def author_speaks(author: str, project: Project) -> str:
    """`author` or `author's domain`, by what of them the project names or is called like; empty where nothing.

    Two projects of one client have the same domain in them: then the other signals decide.
    """
    if not author:
        return ""
    said = " ".join([project.description, *project.keywords, *project.tags]).lower()
    address = _ADDRESS.search(author.lower())
    name = re.sub(r"<.*>", "", author).strip(" \"'").lower()
    for shown in (address.group() if address else "", name):
        if len(shown) >= _SHORTEST_NAME and re.search(rf"(?<!\w){re.escape(shown)}(?!\w)", said):
            return "author"
    if address is None:
        return ""
    domain = address.group(1)
    label = _label(domain)
    if label in _PUBLIC:
        return ""
    if re.search(rf"(?<![\w-]){re.escape(domain)}(?!\w)", said):
        return "author's domain"
    squeezed = re.sub(r"[^a-z0-9]", "", project.name.lower().replace("&", "and"))
    called = len(label) >= _SHORTEST_DOMAIN and re.sub(r"[^a-z0-9]", "", label) in squeezed
    return "author's domain" if called else ""


def _label(domain: str) -> str:
    """The name in a domain: `harbor` of `mail.harbor.co.uk`."""
    labels = domain.split(".")[:-1]
    while len(labels) > 1 and len(labels[-1]) <= 3:
        labels.pop()
    return labels[-1]
