"""Classification tasks drawn from labelled texts: some projects, and questions about them with their right answers.

`CLINC150` (clinc/oos-eval, CC BY 3.0): intents as projects known by name, with or without examples, and domains as
projects known by a name and a description. `everyday`: mails, documents and transcripts of an agency, written for this
repository (`tests/data/everyday`).
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from besunny.inference.contracts.common import Document, Project

EVERYDAY = Path(__file__).parents[1] / "tests/data/everyday"
NONE = -1
SIZES = (1, 2, 4, 8, 16, 40)
SHOTS = (1, 3, 5, 10)
INSIDE, OUTSIDE = 30, 14

# Topics of several domains of CLINC150, described as a user would.
TOPICS = {
    "Money": "Bank accounts, credit cards, bills, payments, credit scores, interest and fraud.",
    "Food": "Recipes, ingredients, calories, cooking times, restaurants and reservations.",
    "Car": "Driving directions, traffic, gas, tires, oil changes and car maintenance.",
    "Travel": "Flights, hotels, visas, luggage, vaccines, exchange rates and holidays abroad.",
    "Work": "Paid time off, meetings, payday, taxes, insurance, retirement plans and salary.",
    "Household": "Music and playlists, shopping lists, to-do lists, reminders, calendar, orders and the smart home.",
}
INTENTS = {
    "Money": "freeze_account routing pin_change bill_due pay_bill account_blocked interest_rate min_payment "
    "bill_balance transfer order_checks balance spending_history transactions report_fraud replacement_card_duration "
    "expiration_date damaged_card improve_credit_score report_lost_card card_declined credit_limit_change apr "
    "redeem_rewards credit_limit rewards_balance application_status credit_score new_card international_fees",
    "Food": "food_last confirm_reservation how_busy ingredients_list calories nutrition_info recipe restaurant_reviews "
    "restaurant_reservation meal_suggestion restaurant_suggestion cancel_reservation ingredient_substitution cook_time "
    "accept_reservations",
    "Car": "current_location oil_change_when oil_change_how uber traffic tire_pressure schedule_maintenance gas mpg "
    "distance directions last_maintenance gas_type tire_change jump_start",
    "Travel": "plug_type travel_notification translate flight_status international_visa timezone exchange_rate "
    "travel_suggestion travel_alert vaccines lost_luggage book_flight book_hotel carry_on car_rental",
    "Work": "pto_request_status next_holiday insurance_change insurance meeting_schedule payday taxes income "
    "rollover_401k pto_balance pto_request w2 schedule_meeting direct_deposit pto_used",
    "Household": "what_song play_music todo_list_update reminder reminder_update calendar_update order_status "
    "update_playlist shopping_list calendar next_song order todo_list shopping_list_update smart_home",
}


@dataclass(frozen=True, slots=True)
class Task:
    """Projects, and documents with the index of the right one or `NONE`."""

    projects: list[Project]
    questions: list[tuple[Document, int]]


class Clinc:
    """Tasks from CLINC150; `asked` is the part whose texts are asked, examples come from `train`."""

    def __init__(self, path: Path, asked: str) -> None:
        data = json.loads(path.read_text())
        self.taught, self.asked = _by_label(data["train"]), _by_label(data[asked])
        self.strange = [text for text, _ in data[f"oos_{asked}"]]

    def intents(self, generator: np.random.Generator, size: int, shots: int) -> Task:
        """`size` intents known by name and `shots` examples; a third of the questions is of others or of none."""
        names = generator.permutation(sorted(self.taught)).tolist()
        chosen, others = names[:size], names[size:]
        projects, held = [], set()
        for name in chosen:
            examples = generator.choice(self.taught[name], shots, replace=False).tolist() if shots else []
            held |= set(examples)
            projects.append(Project(id=name, name=name.replace("_", " "), examples=examples))
        questions = []
        for at in generator.integers(size, size=INSIDE).tolist():
            text = str(generator.choice([text for text in self.asked[chosen[at]] if text not in held]))
            questions.append((Document(content_text=text), at))
        outside = (
            [str(generator.choice(self.asked[name])) for name in generator.choice(others, OUTSIDE // 2)]
            if others
            else []
        )
        outside += generator.choice(self.strange, OUTSIDE // 2, replace=False).tolist()
        return Task(projects, questions + [(Document(content_text=text), NONE) for text in outside])

    def topics(self, generator: np.random.Generator, size: int) -> Task:
        """`size` described topics; a third of the questions is of the others."""
        names = generator.permutation(sorted(TOPICS)).tolist()
        chosen, of_topic = names[:size], {intent: topic for topic in TOPICS for intent in INTENTS[topic].split()}
        others = [intent for intent in sorted(self.asked) if of_topic.get(intent) not in chosen]
        questions = []
        for at in generator.integers(size, size=INSIDE).tolist():
            intent = generator.choice(INTENTS[chosen[at]].split())
            questions.append((Document(content_text=str(generator.choice(self.asked[intent]))), at))
        for intent in generator.choice(others, OUTSIDE).tolist():
            questions.append((Document(content_text=str(generator.choice(self.asked[intent]))), NONE))
        return Task([Project(id=name, name=name, description=TOPICS[name]) for name in chosen], questions)


POST = {"everyday": ("projects", "cases"), "mixed": ("mixed_projects", "mixed")}
"""Kept everyday post, by the files of its projects and cases: an agency's, and that of different trades."""


def everyday(generator: np.random.Generator, post: str, part: str, size: int, shots: int) -> Task:
    """All cases of a file asked of `size` of the projects beside it; those of a project left out are of none.

    Args:
        post: of `POST`.
        part: `tuned` or `held`.
        shots: the most examples of a project, which are then not asked.
    """
    projects, cases = POST[post]
    stored = json.loads((EVERYDAY / f"{projects}.json").read_text())
    chosen = [stored[at] for at in generator.permutation(len(stored))[:size].tolist()]
    found = [case for case in json.loads((EVERYDAY / f"{cases}_{part}.json").read_text()) if len(case["expect"]) == 1]
    examples: dict[str, list[str]] = defaultdict(list)
    questions = []
    for at in generator.permutation(len(found)).tolist():
        case = found[at]
        right = case["expect"][0]
        if len(examples[right]) < shots and right and generator.random() < 0.5:
            examples[right].append(f"{case.get('subject', '')}\n{case['content_text']}")
        else:
            ids = [project["id"] for project in chosen]
            questions.append((Document.model_validate(case), ids.index(right) if right in ids else NONE))
    return Task([Project(**project, examples=examples[project["id"]]) for project in chosen], questions)


def _by_label(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for text, label in pairs:
        found[label].append(text)
    return dict(found)
