"""The OpenAPI document knows models by their class names alone: two of one name would become one."""

import importlib
import pkgutil
from collections import Counter

from pydantic import BaseModel

import besunny


def models(base=BaseModel):
    for model in base.__subclasses__():
        yield model
        yield from models(model)


def test_no_two_models_share_a_name():
    for module in pkgutil.walk_packages(besunny.__path__, "besunny."):
        importlib.import_module(module.name)
    places = {(model.__module__, model.__name__) for model in models() if model.__module__.startswith("besunny.")}
    assert len(places) > 50
    counted = Counter(name for _, name in places)
    assert {name for name, count in counted.items() if count > 1} == set()
