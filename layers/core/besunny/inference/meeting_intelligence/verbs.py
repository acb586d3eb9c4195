"""What verbs of a promise or request tell: real work, its category, or only how the talk itself goes on."""

from besunny.inference.meeting_intelligence.lexicon import lexicon

CATEGORIES = {
    "communication": """send email e-mail mail call contact ask notify inform message ping reply respond forward share
        invite announce circulate chase remind speak phone ring text negotiate thank""",
    "scheduling": "schedule book arrange organise organize plan reschedule coordinate reserve calendar",
    "research": """check investigate research find analyse analyze evaluate compare explore measure interview survey
        verify figure gather collect assess benchmark profile estimate""",
    "documentation": "write draft document update prepare summarise summarize note record compile type minute",
    "development": """build implement fix deploy code test merge migrate ship release develop configure install debug
        integrate automate refactor upgrade patch roll revert rerun rebuild restart reopen restore""",
    "design": "design sketch mock prototype redesign model",
    "finance": "pay invoice budget cost price order buy purchase quote reimburse",
    "review": "review approve sign proofread revise validate confirm edit",
    "delivery": """finish complete deliver submit provide present publish upload post create make produce bring
        print set finalise finalize add remove change move get put work handle sort coordinate follow fill file
        track monitor hire train run define resolve clean close ensure join attend circle reach
        take give return renew replace repair mend install raise translate cancel pull load shut""",
}
CATEGORY_OF = {verb: category for category, verbs in reversed(CATEGORIES.items()) for verb in verbs.split()}

# Verbs of the talk itself: "I'll say", "let me see", "we'll start" promise nothing past the next minute.
OF_THE_TALK = lexicon("verbs_of_the_talk")
FAINT = frozenset(
    ("get", "make", "put", "take", "give", "change", "move", "set", "present", "close", "add", "run", "work")
)
# Two words that make work of a verb of the talk, or the other way round.
PHRASES = {
    "look into": "research",
    "look at": "research",
    "look up": "research",
    "find out": "research",
    "talk to": "communication",
    "talk with": "communication",
    "speak to": "communication",
    "get back": "communication",
    "let you": "communication",
    "let him": "communication",
    "let her": "communication",
    "let them": "communication",
    "let us": "",
    "go out": "delivery",
    "put together": "delivery",
    "hand out": "delivery",
    "come back": "communication",
    "come up": "delivery",
    "follow up": "communication",
    "reach out": "communication",
    "go through": "",
    "go over": "",
    "take care": "delivery",
    "work on": "delivery",
    "set up": "scheduling",
    "write down": "documentation",
    "do it": "",
    "do that": "",
    "try to": "",
    "ask you": "",
    "inform you": "",
    "put it": "",
    "make it": "",
}

_IRREGULAR = {
    "sent": "send", "done": "finish", "paid": "pay", "written": "write", "made": "make", "built": "build",
    "bought": "buy", "brought": "bring", "drawn": "sketch", "taken": "take", "given": "give", "found": "find",
    "run": "run", "set": "set", "put": "put", "gotten": "get", "rebuilt": "rebuild",
}  # fmt: skip


def base(verb: str) -> str:
    """A participle of a verb of work as its base form: `renewed`, `shipping`, `sent`; others as they are."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    ending = next((ending for ending in ("ing", "ed") if verb.endswith(ending)), None)
    if ending is not None:
        stem = verb.removesuffix(ending)
        candidates = [f"{stem}e", stem, stem[:-1], f"{stem[:-1]}y" if stem.endswith("i") else stem]
        return next((candidate for candidate in candidates if candidate in CATEGORY_OF), verb)
    return verb


def category(verb: str, after: str) -> str | None:
    """The kind of work `verb` and the word `after` it tell of; null where they tell of none."""
    found = PHRASES.get(f"{verb} {after}")
    if found is not None:
        return found or None
    return None if verb in OF_THE_TALK else CATEGORY_OF.get(verb)
