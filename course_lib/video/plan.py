"""What is asked for, checked as far as possible before any work: the outputs and how they go together with the input."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.video.background import GREEN, TRANSPARENT
from course_lib.video.pictures import PICTURE_SUFFIXES
from course_lib.video.writer import Target

StrPath = str | PathLike[str]


@dataclass(frozen=True)
class Plan:
    """`targets` maps "composite", "alpha" and "foreground" to where they go; only those asked for are in it."""

    targets: dict[str, Target]
    background: str
    compare: bool
    notes: tuple[str, ...]

    @property
    def transparent(self) -> bool:
        return self.background == TRANSPARENT and not self.compare


def make_plan(
    source: Path,
    output: StrPath | None,
    alpha: StrPath | None,
    foreground: StrPath | None,
    background: str | None,
    compare: bool,
) -> Plan:
    """Fill in what was left open, and raise CourseError for what cannot go together."""
    notes = []
    if output is None and not (alpha or foreground):
        output = default_output(source, background, compare)
        notes.append(f"No output was named: writing {output}.")
    wanted = {"composite": output, "alpha": alpha, "foreground": foreground}
    targets = {role: Target.of(path) for role, path in wanted.items() if path is not None}
    main = targets.get("composite")
    if background is None:
        background = TRANSPARENT if main and main.holds_alpha and main.suffix != ".gif" else GREEN
        if main:
            notes.append(f"No background was named: {background if background == TRANSPARENT else f'green, {GREEN}'}.")
    if main and background == TRANSPARENT and not compare and not main.holds_alpha:
        raise CourseError(
            f"{main.path} cannot be transparent: {main.suffix} holds no alpha. "
            "Write .webm, .mov or a folder of PNGs (.png for a picture), or choose a --background."
        )
    if compare and not main:
        raise CourseError("--compare writes the comparison to the main output: name it with -o.")
    inputs = {"the input": source}
    if Path(background).exists():
        inputs["the background"] = Path(background)
    check_targets(source, targets, inputs)
    return Plan(targets, background, compare, tuple(notes))


def default_output(source: Path, background: str | None, compare: bool, ending: str = "matte") -> Path:
    """NAME_matte.mp4 (.webm if transparent), NAME_matte.png, or the folder NAME_matte; or with another ending."""
    return beside(source, ending, ".webm" if background == TRANSPARENT and not compare else ".mp4")


def beside(source: Path, ending: str, suffix: str = ".mp4") -> Path:
    """NAME_ending beside the input and of its kind: a folder for a folder, a PNG for a picture, `suffix` for a video."""
    source = source.absolute()
    if source.is_dir():
        return source.with_name(f"{source.name}_{ending}")
    if source.suffix.lower() in PICTURE_SUFFIXES:
        suffix = ".png"
    return source.with_name(f"{source.stem}_{ending}{suffix}")


def check_targets(source: Path, targets: dict[str, Target], inputs: dict[str, Path]) -> None:
    """CourseError if an output would overwrite an input or another output, or holds one picture of many."""
    taken = {path.resolve(): what for what, path in inputs.items()}
    for role, target in targets.items():
        place = target.path.resolve()
        if place in taken:
            raise CourseError(f"{target.path} is {taken[place]}. Give the {role} another name.")
        taken[place] = f"already the {role}"
    many = source.is_dir() or source.suffix.lower() not in PICTURE_SUFFIXES
    for target in targets.values():
        if target.is_picture and many:
            raise CourseError(
                f"{target.path} holds one picture, but {source} has many. "
                "Write a video, or a folder of PNGs: end the name with /."
            )
