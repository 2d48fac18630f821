"""Test scenes and mattes in folders, in the layout of RVM's authors:

    root / set / clip / com / 0000.png …      what the camera saw
                        pha / 0000.png …      the true alpha, grey
                        fgr / 0000.png …      the true foreground (may be left out, for all clips)
                        bgr / 0000.png …      the clean plate (may be left out)

Their code reads the same but for two things: names may end differently in two folders (0000.png beside 0000.jpg), and `root`
may be one set. Predictions lie likewise, under another root, as pha/ and, if there are any, fgr/. What does not fit is said
before anything is computed, as far as file names tell, and otherwise when the picture is read.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.errors import CourseError
from course_lib.evaluation.scenes import PlannedScene, TestScene, make_all
from course_lib.video.pictures import list_pictures, load_picture

LAYOUT = "FOLDER/set/clip/com/0000.png … and FOLDER/set/clip/pha/0000.png …, with fgr/ and bgr/ if you have them"
CHANNELS = {"com": 3, "pha": 1, "fgr": 3, "bgr": 3}


def folder_scenes(
    path: str | Path, sets: tuple[str, ...] | None = None, frames: int | None = None
) -> Iterator[TestScene]:
    """Every clip under `path`, in order, read when it is its turn; the first `frames` of each.

    Raises CourseError at once for a layout that is wrong, and later for a picture that cannot be read or has another size.
    """
    return make_all(folder_plan(Path(path), sets, frames))


def folder_plan(path: Path, sets: tuple[str, ...] | None = None, frames: int | None = None) -> list[PlannedScene]:
    """What `folder_scenes` will read. Raises CourseError for a layout that is wrong."""
    clips = find_clips(path, sets)
    kinds = {clip: _kinds(clip) for clip in clips}
    for kind in ("fgr", "bgr"):
        with_it = [clip for clip in clips if kind in kinds[clip]]
        if with_it and len(with_it) < len(clips):
            lacking = next(clip for clip in clips if clip not in with_it)
            raise CourseError(
                f"{with_it[0]} has a folder {kind} and {lacking} has none: all clips must have it, or none."
            )
    files = {clip: _matching_files(clip, kinds[clip], frames) for clip in clips}
    return [
        PlannedScene(f"{clip.parent.name}/{clip.name}", clip.parent.name, partial(_read_scene, clip, files[clip]))
        for clip in clips
    ]


def find_clips(path: Path, sets: tuple[str, ...] | None = None) -> list[Path]:
    """The folders that hold com/ and pha/, in natural order. CourseError where there are none, or a set is missing."""
    if not path.is_dir():
        raise CourseError(f"There is no folder {path}.")
    if any(path.glob("*/*/com")) or any(path.glob("*/*/pha")):
        set_folders = _subfolders(path)
    elif any(path.glob("*/com")) or any(path.glob("*/pha")):
        set_folders = [path]
    else:
        raise CourseError(f"{path} holds no clips. They are expected as {LAYOUT}.")
    if sets:
        if unknown := [name for name in sets if name not in {folder.name for folder in set_folders}]:
            there = ", ".join(folder.name for folder in set_folders)
            raise CourseError(f"{path} holds no set {', '.join(unknown)}. There are: {there}.")
        set_folders = [folder for folder in set_folders if folder.name in sets]
    clips = [clip for folder in set_folders for clip in _subfolders(folder)]
    if not clips:
        raise CourseError(f"{path} holds no clips in {', '.join(f.name for f in set_folders)}. Expected: {LAYOUT}.")
    return clips


def read_prediction(
    predictions: Path, truth: Path, scene: TestScene
) -> tuple[Float[Tensor, "T 3 H W"] | None, Float[Tensor, "T 1 H W"]]:
    """Foreground (None if there is none) and alpha that somebody made for `scene`, which came from `folder_scenes(truth)`.

    Raises CourseError where the clip is missing, has too few pictures or another size, or is the truth itself.
    """
    # A scene is named set/clip; where the root is one set, predictions lie beside each other in the same way.
    name = scene.name if (predictions / scene.name).is_dir() else Path(scene.name).name
    clip = predictions / name
    if not (clip / "pha").is_dir():
        raise CourseError(f"There are no mattes for clip {scene.name}: {clip / 'pha'} is missing.")
    refuse_the_truth(clip / "pha", _clip_folder(truth, scene) / "pha")
    frames, _, height, width = scene.frames.shape
    read = {}
    for kind in ("pha", "fgr"):
        if not (clip / kind).is_dir():
            continue
        found = list_pictures(clip / kind)
        if len(found) < frames:
            raise CourseError(f"{clip / kind} holds {len(found)} pictures, but clip {scene.name} has {frames} frames.")
        read[kind] = _read(found[:frames], CHANNELS[kind])
        if read[kind].shape[-2:] != (height, width):
            rows, columns = read[kind].shape[-2:]
            raise CourseError(f"{found[0]} has {columns}×{rows} pixels, and the true matte {width}×{height}.")
    return read.get("fgr"), read["pha"]


def refuse_the_truth(predictions: Path, truth: Path) -> None:
    """The authors' code, given one folder twice, reports no error at all (their issue 92). CourseError instead."""
    if predictions.exists() and truth.exists() and predictions.samefile(truth):
        raise CourseError(
            f"{predictions} is the truth itself: all errors would be 0. Give the folder with your mattes to --predictions."
        )


def _clip_folder(root: Path, scene: TestScene) -> Path:
    return root / scene.name if (root / scene.name).is_dir() else root / Path(scene.name).name


def _subfolders(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))


def _kinds(clip: Path) -> list[str]:
    for kind in ("com", "pha"):
        if not (clip / kind).is_dir():
            raise CourseError(f"{clip} has no folder {kind}. Expected: {LAYOUT}.")
    return [kind for kind in CHANNELS if (clip / kind).is_dir()]


def _matching_files(clip: Path, kinds: list[str], frames: int | None) -> dict[str, list[Path]]:
    files = {kind: list_pictures(clip / kind) for kind in kinds}
    names = [file.stem for file in files["com"]]
    for kind in kinds:
        if len(files[kind]) != len(names):
            raise CourseError(
                f"{clip}: com holds {len(names)} pictures and {kind} {len(files[kind])}. They must be as many."
            )
        for file, name in zip(files[kind], names, strict=True):
            if file.stem != name:
                raise CourseError(
                    f"{file} has no partner {name} in {clip / 'com'}: pictures are paired by their names."
                )
    return {kind: paths[:frames] for kind, paths in files.items()}


def _read_scene(clip: Path, files: dict[str, list[Path]]) -> TestScene:
    pictures = {kind: _read(paths, CHANNELS[kind]) for kind, paths in files.items()}
    size = pictures["com"].shape[-2:]
    for kind, frames in pictures.items():
        if frames.shape[-2:] != size:
            (rows, columns), (height, width) = frames.shape[-2:], size
            raise CourseError(f"{clip}: com has {width}×{height} pixels and {kind} {columns}×{rows}. They must agree.")
    name = f"{clip.parent.name}/{clip.name}"
    return TestScene(
        name, pictures["com"], pictures["pha"], pictures.get("fgr"), pictures.get("bgr"), {"set": clip.parent.name}
    )


def _read(files: list[Path], channels: int) -> Float[Tensor, "T C H W"]:
    pictures = []
    for file in files:
        picture = load_picture(file)  # (H, W, 3) uint8
        if pictures and picture.shape[:2] != pictures[0].shape[:2]:
            (rows, columns), (height, width) = picture.shape[:2], pictures[0].shape[:2]
            raise CourseError(
                f"{file} has {columns}×{rows} pixels, but {files[0].name} before it {width}×{height}: a clip has one size."
            )
        pictures.append(picture[..., :channels])
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous().float() / 255
