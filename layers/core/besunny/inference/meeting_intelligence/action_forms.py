"""How people promise, ask and assign, as regular expressions with the points they count."""

import re

from besunny.inference.meeting_intelligence.people import MARK
from besunny.inference.meeting_intelligence.verbs import CATEGORY_OF, FAINT

NAME = MARK.format("name")
_SOFT = (
    r"(?:(?:also|just|then|definitely|probably|certainly|now|please|maybe|personally|quickly|kindly|have to|need to"
    r"|try to|try and|go ahead and|be able to|make sure to|make sure (?:we|i|you)) )*"
)
_VERB = rf"{_SOFT}(?P<verb>[a-z-]+)"
_MUST = (
    r"(?:(?:just|really|also|still|probably|definitely|only) )*"
    r"(?:need to|needs to|have to|has to|should|must|ought to|gotta|got to|'ve got to|are to|is to)"
)
_OUGHT = r"(?:needs? to|ha(?:s|ve) to|must|ought to|should|is to|are to)"
_SAID = r"(?:said|says|promised|told (?:me|us|him|her|them))"
_AGREED = r"(?:agreed|offered|undertook|undertaken|volunteered|promised|(?:was|were|is|been) asked)"
_TEAM = r"(?:your(?: [a-z]+){0,2}|the(?: [a-z]+){1,2}) (?:team|people|side|guys|folks|department|colleagues)"
_MARKS = "\ue000\ue001"  # what stands around a marked name
_GOING = r"(?:(?:'m|'re|'s| am| are| is) (?:going to|gonna))"
_TAG = r"(?:action item|action point|action|to-?do|follow-?up|next step|task)s?(?: for \S+:?| is| are|\s*[:-]|(?= to ))"

# An order begins with a verb of work in its base form. Without a name or "please" before it, something must follow
# that only an object can begin with: "Update the plan", but not "Update from Anna" or "Design is done".
_ORDER = rf"(?P<verb>{'|'.join(sorted(CATEGORY_OF))})"
_SURE_ORDER = rf"(?P<verb>{'|'.join(sorted(set(CATEGORY_OF) - FAINT))})"
_SOMEBODY = NAME.replace("?P<name>", "")
_OBJECT = (
    r"(?:the|an?|your|our|my|his|her|their|this|that|these|those|it|them|me|us|him|everyone|everybody|all|both"
    rf"|{_SOMEBODY})\b"
)
_OPENING = r"(?:^|[.;:,] ?|\b(?:and|so|then) )(?:(?:and|then|so|also|okay|just|now|please) )*"
_NOT_OF_NAME = (
    r"(?<!with )(?<!to )(?<!for )(?<!from )(?<!by )(?<!of )(?<!and )(?<!or )(?<!ask )(?<!tell )(?<!as )(?<!than )"
)

# (who owns it, the wording, points). The first that fits a sentence best counts.
FORMS: list[tuple[str, str, float]] = [
    ("name", rf"{NAME}(?:'ll| will| shall|'s going to| is going to|'s gonna| {_MUST}) {_VERB}", 0.9),
    ("name", rf"{NAME} {_SAID}(?: that)? (?:he|she|they)(?:'ll| will) {_VERB}", 0.5),
    ("name", rf"{NAME}(?: has| have)? {_AGREED} to {_VERB}", 0.8),
    ("name", rf"(?:^|[.;:,] ?){NAME}\s*[,:-]? (?:to|please) {_VERB}", 1.0),
    ("name", rf"{NAME},? please {_VERB}", 1.0),
    ("name", rf"{NAME}, (?:can|could|will|would) you {_VERB}", 1.2),
    ("name", rf"\b(?:can|could|will|would) {NAME} {_VERB}", 0.8),
    ("name", rf"\b(?:ask|want|need|have) {NAME} to {_VERB}", 0.6),
    ("name", rf"{NAME}, (?:please |just |then )*{_ORDER}\b", 1.0),
    ("name", rf"{_OPENING}{_ORDER} [^.?!]{{2,80}}(?:, |{_NOT_OF_NAME}){NAME}(?:[.!]*$|, )", 0.8),
    ("self", rf"\bi(?:'ll| will| shall) {_VERB}", 0.9),
    ("self", rf"\bi{_GOING} {_VERB}", 0.1),
    ("self", rf"\bi(?:'ll| will) (?:get|have|ask) (?:(?!to\b)[\w{_MARKS}'-]+ ){{1,4}}to {_VERB}", 0.9),
    ("self", r"\bi(?:'ll| will) (?:have|get) (?:it|them|that|this|(?:the|my|our) [a-z-]+) (?P<verb>[a-z]+ed)\b", 0.9),
    ("self", rf"\bi(?: {_MUST}|{_MUST}) {_VERB}", 0.0),
    ("self", rf"\blet me {_VERB}", -0.3),
    ("self", rf"\bi(?: promise to| volunteer to|'d be (?:happy|glad) to|'m (?:happy|glad) to) {_VERB}", 1.0),
    # Of what is arranged English speaks as of the present: "I'm calling them this afternoon". It takes a date.
    ("self", r"\bi(?:'m| am) (?:also |just |already )?(?P<verb>(?!going\b|gonna\b)[a-z]+ing)\b", -0.9),
    ("they", rf"\b(?:he|she|they)(?:'ll| will) {_VERB}", -0.5),
    ("offer", rf"\bi can {_VERB}", -0.5),
    ("offer", rf"\bi could {_VERB}", -0.9),
    ("offer", rf"\b(?:do you want|would you like|you want) me to {_VERB}", -0.8),
    ("offer", rf"\b(?:shall|should|can|could) i {_VERB}", -0.8),
    ("you", rf"\b(?:can|could|will|would) (?:you|somebody|someone|anyone) {_VERB}", 0.8),
    ("you", rf"\b(?:can|could|will|would) {_TEAM} {_VERB}", 0.8),
    ("you", rf"\bi(?: need| want|'d like| would like) you (?:guys |all )?to {_VERB}", 1.0),
    ("you", rf"(?:^|[,;.:] |\band )please {_VERB}", 1.2),
    ("you", rf"\byou(?: {_MUST}|{_MUST}|'ll {_MUST}| will {_MUST}) {_VERB}", -0.4),
    ("you", rf"\byou(?:'ll| will) {_VERB}", -0.5),
    ("you", rf"\b(?:don't forget|remember|be sure|make sure) to {_VERB}", 0.8),
    ("you", rf"^(?:(?:and|then|also|so|just|now) )*{_SURE_ORDER} {_OBJECT}", 0.1),
    ("you", rf"{_OPENING}{_ORDER} {_OBJECT}[^.?!]{{0,80}}, please[.!]*$", 1.0),
    ("need", r"\b(?:i|we)(?:'ll)?(?: also| still)? (?P<verb>need) (?:an?|the|your|some|all) (?!to\b)", 0.0),
    ("need", r"\b(?P<verb>would be) (?:great|good|nice|helpful|perfect|ideal)\b", 0.0),
    ("we", rf"\bwe(?:'ll| will| shall) {_VERB}", -0.2),
    ("we", rf"\bwe{_GOING} {_VERB}", -0.7),
    ("we", rf"\bwe(?: {_MUST}|{_MUST}) {_VERB}", -0.1),
    ("we", rf"\blet's {_VERB}", -0.4),
    ("we", rf"\b(?:somebody|someone|one of (?:us|you)) {_MUST} {_VERB}", 0.2),
    ("all", rf"\b(?:everybody|everyone|all(?: (?!of\b|we\b|you\b|i\b)[a-z-]+){{1,3}}) {_MUST} {_VERB}", -0.1),
    ("it", rf"\b{_OUGHT} (?:also |still )?be (?P<verb>[a-z-]+)", -0.3),
    ("it", r"(?<!\bi )(?<!we )(?<!you )\b(?:needs? to|ha(?:s|ve) to|must) (?P<verb>go|reach|arrive|come|get)\b", -0.3),
    ("it", r"\b(?:is|are) (?P<verb>due)\b", 0.3),
    ("tag", rf"\b{_TAG} (?:to )?{_VERB}", 1.4),
]  # fmt: skip
# Which owners' wordings a sentence can use at all: most sentences of a long meeting use none.
GATE = re.compile(
    rf"(?P<self>\bi\b|\blet me\b)|(?P<we>\bwe\b|\blet's\b|\b(?:somebody|someone|one of|everybody|everyone|all) )"
    rf"|(?P<name>{_SOMEBODY})"
    r"|(?P<they>\b(?:he|she|they)(?:'ll| will) )"
    rf"|(?P<you>\byour?\b|\b(?:can|could|will|would) the\b"
    rf"|\bplease\b|\b(?:some|any)(?:body|one)\b|\b(?:forget|remember|sure)\b"
    rf"|^(?:\w+ ){{0,2}}(?:{'|'.join(sorted(CATEGORY_OF))})\b)"
    r"|(?P<it>\b(?:needs?|have|has|must|ought|should|due|is|are) )"
    r"|(?P<would>\bwould be )|(?P<tag>\b(?:action|to-?do|follow-?up|next step|task))"
)
# What opens the gate of wordings that several words may begin.
ALSO = {"all": ("we",), "offer": ("self", "you"), "need": ("self", "we", "it", "would")}
