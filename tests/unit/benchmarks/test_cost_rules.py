"""What AWS bills, by its published rules: units of DynamoDB, and transitions of machines."""

import json
from pathlib import Path

import pytest

from benchmarks.request_units import Index, TableShape, item_bytes, read_units, write_units
from benchmarks.transitions import transitions

ROOT = Path(__file__).parents[3]
BARE = TableShape(("pk",))
QUEUE = TableShape(("pk",), (Index(("ready_key", "rank"), ()),))


def item(size, **more):
    """An item of so many bytes, its further attributes left out of that."""
    return {"pk": {"S": "x" * (size - 2)}, **{name: {"S": value} for name, value in more.items()}}


def test_an_items_size_is_that_of_its_names_and_values_in_utf8():
    assert item_bytes({"näme": {"S": "é"}}) == 5 + 2
    assert item_bytes({"a": {"N": "-12.50"}, "b": {"BOOL": True}, "c": {"NULL": True}}) == 1 + 3 + 2 + 2
    assert item_bytes({"a": {"L": [{"S": "xy"}]}, "m": {"M": {"k": {"S": "v"}}}}) == 1 + 3 + 3 + 1 + 3 + 3
    assert item_bytes(None) == 0


@pytest.mark.parametrize(
    ("sizes", "consistent", "together", "units"),
    [
        ([], True, False, 1),
        ([4096], True, False, 1),
        ([4097], True, False, 2),
        ([4097], False, False, 1),
        ([10, 10, 10], True, False, 3),
        ([3000, 3000], True, True, 2),
        ([], False, True, 0.5),
    ],
)
def test_reads(sizes, consistent, together, units):
    assert read_units(sizes, consistent=consistent, together=together) == units


def test_a_write_counts_the_larger_of_before_and_after_and_twice_in_a_transaction():
    assert write_units(None, item(1024), BARE, transaction=False) == 1
    assert write_units(item(1025), item(10), BARE, transaction=False) == 2
    assert write_units(item(1025), None, BARE, transaction=True) == 4


def test_an_index_counts_what_changes_in_it():
    waiting, moved = item(10, ready_key="READY", rank="5"), item(10, ready_key="READY", rank="6")
    assert write_units(None, waiting, QUEUE, transaction=False) == 2
    assert write_units(waiting, {**waiting, "other": {"S": "x"}}, QUEUE, transaction=False) == 1
    assert write_units(waiting, moved, QUEUE, transaction=False) == 3
    assert write_units(waiting, item(10), QUEUE, transaction=False) == 2


def machine(name):
    return json.loads((ROOT / "statemachines" / f"{name}.asl.json").read_text())


def test_transitions_of_our_machines():
    assert transitions(["RunService"], machine("service")) == 2
    assert transitions(["RunServices"], machine("hybrid")) == 5
    inner = ["Classify", "AnalyzeMeeting", "Embed"]
    assert transitions(["RunServices", *inner], machine("hybrid")) == 5  # of an engine that tells what is inside
    assert transitions(["RunItems", "Settle"], machine("batch"), items=20) == 3 + 40
