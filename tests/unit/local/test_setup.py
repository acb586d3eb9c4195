"""What setup tells a person, and when it makes a venv anew."""

import pytest

from local import setup

ROOM = 10**10


@pytest.mark.parametrize(
    ("output", "free", "fix"),
    [
        ("OSError: [Errno 28] No space left on device", ROOM, "make room"),
        ("  Downloading moto-5.2.5-py3-n", 0, "make room"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", ROOM, "index-url"),
        ("WARNING: Retrying after NewConnectionError\nERROR: No matching distribution found for a==1", ROOM, "network"),
        ("Collecting a\n\nerror: metadata-generation-failed\n", ROOM, "metadata-generation-failed"),
        ("", ROOM, "without a word"),
    ],
)
def test_a_failed_installation_names_the_fix(output, free, fix):
    assert fix in setup.explain(output, free)


def test_too_little_room_is_said_before_anything_is_made():
    with pytest.raises(setup.SetupError, match=r"0\.1 GB free.*make room"):
        setup.require_space(100_000_000)


@pytest.fixture
def venv(tmp_path):
    lock = tmp_path / "lock.txt"
    lock.write_text("a==1\n")
    made = setup.Venv("test", tmp_path / "venv", (lock,))
    made.python.parent.mkdir(parents=True)
    made.python.touch()
    return made


def test_a_venv_is_ready_once_it_is_stamped(venv):
    assert not venv.is_ready()
    (venv.folder / setup.STAMP).write_text(venv.stamp())
    assert venv.is_ready()


def test_a_changed_lock_or_a_lost_interpreter_makes_it_anew(venv):
    (venv.folder / setup.STAMP).write_text(venv.stamp())
    venv.locks[0].write_text("a==2\n")
    assert not venv.is_ready()
    (venv.folder / setup.STAMP).write_text(venv.stamp())
    venv.python.unlink()
    assert not venv.is_ready()


def test_a_package_that_somebody_removed_makes_it_anew(venv):
    package = venv.folder / "lib/python3.11/site-packages/a-1.dist-info"
    package.mkdir(parents=True)
    (venv.folder / setup.STAMP).write_text(venv.stamp())
    assert venv.is_ready()
    package.rmdir()
    assert not venv.is_ready()
