"""Pages of a list that a filter thins out: whole reads of a hundred, and a place to go on from."""

from collections.abc import Callable
from typing import Any, TypeVar

from besunny.aws.dynamo import from_item, to_item

Place = dict[str, str]
Entry = TypeVar("Entry")
# So many entries are looked at for one page at most; a page that stays short has a cursor that goes on.
_EXAMINED, _READ = 500, 100


def filtered_page(
    query: Callable[[dict[str, Any]], Any],
    parse: Callable[[dict[str, Any]], Entry],
    wanted: Callable[[Entry], bool],
    *,
    place: Callable[[Entry], Place],
    rest: Place,
    limit: int,
    start: Place | None,
) -> tuple[list[Entry], Place | None]:
    """The entries of a page, and the place to go on from (None on the last).

    Args:
        query: one read of DynamoDB, given `Limit` and `ExclusiveStartKey`.
        place: the sort keys of an entry.
        rest: the partition keys, which no cursor carries.
        start: the place that an earlier page gave.
    """
    found: list[Entry] = []
    for _ in range(_EXAMINED // _READ):
        options: dict[str, Any] = {"ExclusiveStartKey": to_item({**rest, **start})} if start else {}
        answer = query({"Limit": _READ, **options})
        for item in answer["Items"]:
            entry = parse(from_item(item))
            if wanted(entry):
                if len(found) == limit:
                    return found, place(found[-1])
                found.append(entry)
        last = answer.get("LastEvaluatedKey")
        start = {name: value for name, value in from_item(last).items() if name not in rest} if last else None
        if start is None:
            break
    return found, start
