"""What `--data` means: puppets, person or a folder; its scenes, and what a record of them says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from course_lib.data.person import BIAS
from course_lib.errors import CourseError
from course_lib.evaluation.folders import folder_plan
from course_lib.evaluation.person import BACKGROUNDS, person_plan
from course_lib.evaluation.record import BENCHMARK, Benchmark
from course_lib.evaluation.scenes import PlannedScene, puppet_plan
from course_lib.training.run_folder import machine

FRAMES = 24
PUPPETS = (
    "Trimaps come from the true alpha and clean plates are exact: methods that need them have it easier here than in life. "
    "Puppets are drawn; what is learned of them about people is limited."
)
OWN_FOLDER = Path("evaluation")  # in the folder where the command is given


@dataclass(frozen=True)
class Source:
    """Planned scenes, and how their record begins."""

    kind: str  # puppets, person, or the folder's name
    data: str
    size: tuple[int, int] | None
    frames: int | None
    note: str
    plan: Sequence[PlannedScene]

    def new_benchmark(self) -> Benchmark:
        return Benchmark(self.data, self.size, self.frames, machine("cpu", 1), self.note)

    def describe(self) -> str:
        size = f", {self.size[1]}×{self.size[0]} pixels" if self.size else ""
        return f"{self.data}{size}, {f'{self.frames} frames each' if self.frames else 'all frames'}."

    def default_folder(self, everything: bool) -> Path:
        """Where results go when nobody says: one folder for each kind of scenes, size and length, so that methods meet there.

        All methods on all that is standard are the course's own record, in results/.
        """
        if everything and self.kind in ("puppets", "person"):
            return BENCHMARK if self.kind == "puppets" else BENCHMARK.with_name("benchmark-person")
        parts = [self.kind, f"{self.size[1]}x{self.size[0]}" if self.size else "", f"{self.frames or 'all'}-frames"]
        return OWN_FOLDER / "-".join(part for part in parts if part)

    def refuse_other_settings(self, benchmark: Benchmark, folder: Path) -> None:
        """CourseError where the record in `folder` was made of other scenes: its numbers cannot stand beside new ones."""
        for what, here, there in (
            ("data", self.data, benchmark.data),
            ("size", self.size, benchmark.size),
            ("frames", self.frames, benchmark.frames),
        ):
            if here != there:
                raise CourseError(
                    f"{folder} holds results of other scenes ({what}: {there}, now {here}). Choose another --output."
                )


def open_data(
    data: str, size: tuple[int, int] | None = None, frames: int | None = None, sets: tuple[str, ...] | None = None
) -> Source:
    """`size` is (height, width). CourseError for a set that is not there, and for a folder that does not fit (`folders`)."""
    if data == "puppets":
        height, width = size or (256, 256)
        plan = puppet_plan(height, width, sets or ("a", "b", "c"), frames or FRAMES)
        return Source(
            data, "Puppets of the test split, moving camera", (height, width), frames or FRAMES, PUPPETS, plan
        )
    if data == "person":
        height, width = size or (144, 176)
        plan = person_plan(height, width, sets or tuple(BACKGROUNDS), frames or FRAMES)
        about = "The real clip's person before other backgrounds"
        return Source(data, about, (height, width), frames or FRAMES, BIAS, plan)
    path = Path(data)
    if not path.is_dir():
        raise CourseError(f"--data {data}: there is no such folder. Write puppets, person, or a folder that is there.")
    plan = folder_plan(path, sets, frames)
    name = path.resolve().name
    return Source(re.sub(r"[^\w.-]", "_", name), f"Clips of {name}", None, frames, "", plan)
