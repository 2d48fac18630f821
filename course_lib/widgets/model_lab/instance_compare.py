"""`compare_instances(a, b, pictures)`: two contestants on the same pictures, as numbers, as a figure, and as a file."""

from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure
from torch import nn

from course_lib.evaluation.instance_errors import KINDS
from course_lib.evaluation.mask_ap import precision_recall
from course_lib.viz import instance_lab as figures
from course_lib.widgets.model_lab.contestant import Contestant
from course_lib.widgets.model_lab.instance_contestants import RUN, find_instance_contestant
from course_lib.widgets.model_lab.instance_results import InstanceResult, PictureResult, instance_result_of
from course_lib.widgets.model_lab.picture_sets import LabPicture, PictureSet, find_pictures
from course_lib.widgets.model_lab.report import Number, Report, Table

SURE = 0.4  # a score from which on a detection is shown, as in `course segment`
SUMMARY = ("AP", "AP50", "AP75")
SAID = {kind: kind.replace("_", " ") for kind in KINDS} | {"confused_and_poor": "confused, poor mask"}


def kinds(pictures: PictureSet, sure: float) -> dict[str, str]:
    """What is counted, and what it is called."""
    return {"right": f"right, ≥ {sure}", **SAID} if pictures.has_truth else {"found": f"found, ≥ {sure}"}


def measures(result: InstanceResult, pictures: PictureSet, sure: float = SURE) -> dict[str, Number]:
    """Average precision, and of what is sure how many are right, and wrong in which way. Without a truth only how many
    there are."""
    counts = result.counts(sure)
    counted = {name: counts[kind] for kind, name in kinds(pictures, sure).items()}
    if not pictures.has_truth:
        return counted
    summary = precision_recall(one.matches for one in result.pictures).summary()
    return {name: summary[name] for name in SUMMARY} | counted


@dataclass(frozen=True)
class InstanceComparison(Report):
    """Two results on the same pictures. sure: what scores less is not shown, and not counted as right or wrong; an average
    precision takes everything."""

    pictures: PictureSet
    a: InstanceResult
    b: InstanceResult
    about: tuple[str, str]
    sure: float = SURE
    digits = 3

    @property
    def names(self) -> tuple[str, str]:
        return self.a.contestant, self.b.contestant

    @property
    def shown(self) -> tuple[str, str]:
        return self.pictures.name, self.pictures.note

    @property
    def measures(self) -> tuple[dict[str, Number], dict[str, Number]]:
        return tuple(measures(result, self.pictures, self.sure) for result in (self.a, self.b))

    def per_picture(self) -> list[tuple[str, str, str]]:
        """(picture, a, b): of the objects how many are found, and how many detections are wrong."""
        pairs = zip(self.pictures.pictures, self.a.pictures, self.b.pictures, strict=True)
        return [(picture.name, *(picture_text(picture, one, self.sure) for one in both)) for picture, *both in pairs]

    def tables(self) -> list[Table]:
        return [*super().tables(), Table(("picture", *self.names), self.per_picture())]

    def figure(self) -> Figure:
        """Some pictures with their objects, what both find, what their queries look at, and the kinds of error."""
        return figures.comparison(self.pictures, self.a, self.b, self.sure, kinds(self.pictures, self.sure))


def compare_instances(
    a: str | nn.Module | Contestant = RUN,
    b: str | nn.Module | Contestant = "objectness off",
    pictures: str | Path | PictureSet = "scenes",
    sure: float = SURE,
) -> InstanceComparison:
    """Runs both, or takes them from the cache. By name (`instance_contestant_names()`, `picture_set_names()`), or a network, or
    a picture, a folder of pictures or a video.

    Raises CourseError for a name that there is not, for weights that are not here, and for a network that cannot be asked.
    """
    contestants, found = (find_instance_contestant(a), find_instance_contestant(b)), find_pictures(pictures)
    first, second = (instance_result_of(contestant, found) for contestant in contestants)
    return InstanceComparison(found, first, second, tuple(contestant.what for contestant in contestants), sure)


def picture_text(picture: LabPicture, one: PictureResult, sure: float) -> str:
    counts = one.counts(sure)
    if one.matches is None:
        return f"{counts['found']} found"
    wrong = counts["found"] - counts["right"]
    return f"{counts['right']} of {len(picture.target['labels'])}, {wrong} wrong"
