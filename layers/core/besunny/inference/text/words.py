"""Words of a text for counting: lower case, with their places."""

# ruff: noqa: SIM905 (lists of words read better as text)
import re
from collections.abc import Iterator

WORD = re.compile(r"[^\W_]+(?:[-'’.&][^\W_]+)*")
# Words that say nothing of the subject, those of speech included.
STOPWORDS = frozenset(
    """a about above actually after again against ago ah all almost along already also although always am among an and
    another any anybody anyone anything are aren't around as ask at away back basically be became because been before
    being below best better between both bring but by call came can can't cannot come comes could couldn't day days did
    didn't different do does doesn't doing don't done down during each either else end enough er even ever every
    everybody everyone everything few find first for from full further gave get gets getting give given go goes going
    gone gonna good got great had hadn't has hasn't have haven't having he he'd he'll he's hello her here hers herself
    hi him himself his hmm how however i i'd i'll i'm i've if in indeed into is isn't it it's its itself just keep kind
    know known last later least less let let's like likely little long look looking lot made mainly make makes making
    many may maybe me mean means might mine mm mm-hmm more most much must my myself need needs neither never new next no
    nobody none nor not nothing now of off often oh ok okay old on once one ones only onto or other others ought our
    ours ourselves out over own part people perhaps please point possible probably put quite rather re really regards
    right said same saw say saying says second see seem seems seen send several shall she she's should shouldn't since
    so some somebody someone something sometimes soon sort still stuff such sure take taken talk tell than thank thanks
    that that's the their theirs them themselves then there there's therefore these they they'd they'll they're they've
    thing things think this those though three through thus till time times to today together told tomorrow too took
    toward towards tried try two uh uh-huh um under until up upon us use used uses using usually very via want wanted
    wants was wasn't way ways we we'd we'll we're we've week weeks well went were weren't what what's when where
    whether which while who whole whom whose why will with within without won't work would wouldn't yeah yep yes yet
    you you'd you'll you're you've your yours yourself dear best cheers attached below
    monday tuesday wednesday thursday friday saturday sunday january february march april june july august september
    october november december""".split()
)


def words(text: str) -> Iterator[tuple[str, int, int]]:
    """Each word of `text` in lower case, with its start and end."""
    for match in WORD.finditer(text):
        yield match.group().lower().replace("’", "'"), match.start(), match.end()


def telling(word: str) -> bool:
    """Whether a lower-case word may say something of the subject."""
    return len(word) > 2 and word not in STOPWORDS and not word.replace(".", "").replace("-", "").isdigit()


def stem(word: str) -> str:
    """The word without its plural or verb ending, so that `invoices` meets `invoice`."""
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", "e"), ("'s", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 4 and not word.endswith("ss"):
            return (word[: -len(ending)] + instead).rstrip("e")
    return word.rstrip("e") if len(word) > 4 else word
