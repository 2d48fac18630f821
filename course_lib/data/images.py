"""Photographs for examples and backgrounds, each with its credit.

Most lie inside packages that the course depends on anyway (scikit-image, matplotlib) and need no network. `china` and
`flower` lie in scikit-learn, which it does not depend on: they are fetched when first asked for.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from course_lib.errors import CourseError
from course_lib.fetch import Source, fetch

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

SCIKIT_LEARN_PHOTOGRAPHS = Source(
    name="photographs-scikit-learn",
    registry="pypi",
    package="scikit-learn",
    version="1.7.2",
    files={
        "sklearn/datasets/images/china.jpg": "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29",
        "sklearn/datasets/images/flower.jpg": "a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638",
    },
    megabytes=8.6,
    about="photographs “china” and “flower”",
    licence="CC BY 2.0",
    credit="china: danielbuechele; flower: vultilion (Flickr)",
    command="python data_scripts/get_photographs.py",
    # One wheel for every machine: the pictures are the same in all of them, and nothing of it is run.
    options=("--platform", "macosx_12_0_arm64", "--python-version", "3.12", "--implementation", "cp"),
)


@dataclass(frozen=True)
class Photograph:
    """A picture inside a package: `module` is importable when it is installed, or "sklearn" for the fetched two."""

    module: str
    file: str  # path inside the package
    sha256: str
    credit: str


PHOTOGRAPHS = {
    "astronaut": Photograph(
        "skimage",
        "data/astronaut.png",
        "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        "Eileen Collins; NASA, public domain",
    ),
    "grace_hopper": Photograph(
        "matplotlib",
        "mpl-data/sample_data/grace_hopper.jpg",
        "a8ca6d734765703b09728ab47fe59f473d93ae3967fc24c7c0288c3c7adb7130",
        "Grace Hopper; James S. Davis, U.S. Navy, public domain",
    ),
    "chelsea": Photograph(
        "skimage",
        "data/chelsea.png",
        "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
        "Chelsea the cat; Stéfan van der Walt, CC0",
    ),
    "coffee": Photograph(
        "skimage",
        "data/coffee.png",
        "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
        "Rachel Michetti, courtesy of Pikolo Espresso Bar, CC0",
    ),
    "rocket": Photograph(
        "skimage",
        "data/rocket.jpg",
        "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
        "Launch of DSCOVR; SpaceX, public domain",
    ),
    "motorcycle": Photograph(
        "skimage",
        "data/motorcycle_left.png",
        "db18e9c4157617403c3537a6ba355dfeafe9a7eabb6b9b94cb33f6525dd49179",
        "Middlebury 2014 stereo benchmark (Scharstein et al., GCPR 2014), left picture",
    ),
    "hubble": Photograph(
        "skimage",
        "data/hubble_deep_field.jpg",
        "3a19c5dd8a927a9334bb1229a6d63711b1c0c767fb27e2286e7c84a3e2c2f5f4",
        "Hubble eXtreme Deep Field; NASA, public domain",
    ),
    "brick": Photograph(
        "skimage",
        "data/brick.png",
        "7966caf324f6ba843118d98f7a07746d22f6a343430add0233eca5f6eaaa8fcf",
        "Grey texture; CC0 Textures, CC0",
    ),
    "grass": Photograph(
        "skimage",
        "data/grass.png",
        "b6b6022426b38936c43a4ac09635cd78af074e90f42ffa8227ac8b7452d39f89",
        "Grey texture; linolafett (DeviantArt), CC0",
    ),
    "gravel": Photograph(
        "skimage",
        "data/gravel.png",
        "c48615b451bf1e606fbd72c0aa9f8cc0f068ab7111ef7d93bb9b0f2586440c12",
        "Grey texture; CC0 Textures, CC0",
    ),
    "china": Photograph(
        "sklearn",
        "datasets/images/china.jpg",
        "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29",
        "danielbuechele (Flickr), CC BY 2.0",
    ),
    "flower": Photograph(
        "sklearn",
        "datasets/images/flower.jpg",
        "a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638",
        "vultilion (Flickr), CC BY 2.0",
    ),
}


def list_images() -> list[str]:
    """Names that `sample_image` knows; `PHOTOGRAPHS` has their credits."""
    return list(PHOTOGRAPHS)


def sample_image(name: str) -> Float[Tensor, "3 H W"]:
    """A photograph as (3, H, W) float32, RGB in [0, 1]; the grey textures have three equal channels.

    Raises CourseError for an unknown name, and where the picture cannot be had or is not the pinned one.
    """
    import torch
    from PIL import Image

    path = locate_image(name)
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != PHOTOGRAPHS[name].sha256:
        raise CourseError(
            f"{path} is not the picture {name!r} that this course was written for (another SHA-256).\n"
            f"Reinstall the package that holds it: python -m pip install --force-reinstall {_package(PHOTOGRAPHS[name])}"
        )
    with Image.open(io.BytesIO(data)) as picture:
        pixels = np.array(picture.convert("RGB"))  # (H, W, 3) uint8
    return torch.from_numpy(pixels).permute(2, 0, 1).contiguous().float() / 255  # (3, H, W)


def locate_image(name: str) -> Path:
    """The picture's file, fetched if it lies in no installed package. Raises CourseError if it cannot be had."""
    if name not in PHOTOGRAPHS:
        raise CourseError(f"There is no picture {name!r}. There are: {', '.join(PHOTOGRAPHS)}.")
    photograph = PHOTOGRAPHS[name]
    if photograph.module == "sklearn":
        return fetch(SCIKIT_LEARN_PHOTOGRAPHS)[f"sklearn/{photograph.file}"]
    spec = importlib.util.find_spec(photograph.module)
    path = Path(spec.submodule_search_locations[0]) / photograph.file if spec else None
    if path is None or not path.is_file():
        raise CourseError(
            f"{photograph.file} of {_package(photograph)} is missing. "
            f"Run: python -m pip install --force-reinstall {_package(photograph)}"
        )
    return path


def _package(photograph: Photograph) -> str:
    return {"skimage": "scikit-image"}.get(photograph.module, photograph.module)
