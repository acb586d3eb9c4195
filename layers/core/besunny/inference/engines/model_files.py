"""Where the embedded models lie, and whether they are all there."""

import json
from pathlib import Path

from besunny.errors import MisconfiguredError
from besunny.inference.contracts.versions import EMBEDDED, MODEL_VERSION
from besunny.settings import Settings

# Layers are merged: this file is in one's `python/`, the models beside it, at /opt on AWS and elsewhere on a laptop.
_LAYER = Path(__file__).parents[4] / "models"
_CHECKOUT = Path(__file__).parents[4] / "inference" / "models"


class EmbeddedSettings(Settings):
    """Settings of the embedded engine.

    Attributes:
        model_path: the folder of the models; empty means the layer's, else the checkout's.
        inference_threads: threads of one computation; 0 means one a CPU.
    """

    model_path: str = ""
    inference_threads: int = 0


def model_folder(settings: EmbeddedSettings, model: str = EMBEDDED.model, version: str = MODEL_VERSION) -> Path:
    """The folder of an embedded model, the encoder's by default, its files of the size that `MODEL.json` says.

    Sizes, not digests, are compared: reading 23 MB twice would double the cold start, and a cut copy is what happens.

    Raises:
        MisconfiguredError: the model is missing, cut short, or of another version than this code.
    """
    places = [Path(settings.model_path)] if settings.model_path else [_LAYER, _CHECKOUT]
    folder = next((place / model for place in places if (place / model).is_dir()), None)
    if folder is None:
        raise MisconfiguredError(
            f"no model {model} under {' or '.join(map(str, places))}: attach the inference layer, "
            "or set MODEL_PATH to the folder that holds it"
        )
    described = json.loads((folder / "MODEL.json").read_text())
    if described["version"] != version:
        raise MisconfiguredError(
            f"{folder} holds version {described['version']}, this code needs {version}: deploy both layers of one build"
        )
    for name, file in described["files"].items():
        if not (folder / name).is_file() or (folder / name).stat().st_size != file["bytes"]:
            raise MisconfiguredError(f"{folder / name} is missing or cut short: build the inference layer again")
    return folder
