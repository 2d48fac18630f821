"""`compare(a, b, clip)`: two contestants on one clip, as numbers, as a figure, and as a file."""

import base64
import html
import io
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure
from torch import nn

from course_lib.errors import CourseError
from course_lib.training.files import write_whole
from course_lib.viz import lab as figures
from course_lib.widgets.model_lab.clips import LabClip, find_clip
from course_lib.widgets.model_lab.contestants import Contestant, find_contestant
from course_lib.widgets.model_lab.results import LabResult, result_of

UNITS = {
    "mad": "MAD ×1000",
    "mse": "MSE ×1000",
    "grad": "Grad",
    "conn": "Conn",
    "dtssd": "dtSSD",
    "flicker": "flicker /255",
}


@dataclass(frozen=True)
class Comparison:
    """Two results on the same clip."""

    clip: LabClip
    a: LabResult
    b: LabResult
    about: tuple[str, str]

    def table(self) -> list[tuple[str, float, float]]:
        """(measure, a, b), means over the frames. Flicker needs no truth; the others are there where there is one."""
        rows = [(UNITS[name], *(float(r.metrics[name].mean()) for r in (self.a, self.b))) for name in self.a.metrics]
        return [*rows, (UNITS["flicker"], *(float(result.flicker[1:].mean()) for result in (self.a, self.b)))]

    def figure(self) -> Figure:
        """Frames, both mattes, what is wrong with them (or how they differ), the x–t slice and the errors over time."""
        return figures.comparison(self.clip, self.a, self.b)

    def save(self, path: str | Path) -> Path:
        """A PNG, or an HTML page that holds everything. CourseError for another ending."""
        path = Path(path)
        stream = io.BytesIO()
        self.figure().savefig(stream, format="png")
        if path.suffix == ".png":
            write_whole(path, stream.getvalue())
        elif path.suffix == ".html":
            write_whole(path, self._page(stream.getvalue()).encode())
        else:
            raise CourseError(f"{path}: a report is a .png or a .html file.")
        return path

    def __str__(self) -> str:
        width = max(len(self.a.contestant), len(self.b.contestant), 8)
        lines = [
            f"{self.clip.name}: {self.clip.note}",
            f"{'':14}{self.a.contestant:>{width}}  {self.b.contestant:>{width}}",
        ]
        lines += [f"{name:14}{a:{width}.2f}  {b:{width}.2f}" for name, a, b in self.table()]
        return "\n".join(lines)

    def _page(self, picture: bytes) -> str:
        title = html.escape(f"{self.a.contestant} and {self.b.contestant} on {self.clip.name}")
        cells = "".join(f"<tr><td>{name}</td><td>{a:.2f}</td><td>{b:.2f}</td></tr>" for name, a, b in self.table())
        heads = "".join(f"<th>{html.escape(name)}</th>" for name in ("", self.a.contestant, self.b.contestant))
        about = "".join(
            f"<p><b>{html.escape(result.contestant)}</b>: {html.escape(text)}</p>"
            for result, text in zip((self.a, self.b), self.about, strict=True)
        )
        image = f'<img alt="{title}" src="data:image/png;base64,{base64.b64encode(picture).decode()}">'
        style = "body{font:16px sans-serif;max-width:760px;margin:2em auto}td,th{padding:.2em 1em;text-align:right}"
        return (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{style}</style>'
            f"<h1>{title}</h1><p>{html.escape(self.clip.note)}</p>{about}"
            f"<table><tr>{heads}</tr>{cells}</table>{image}</html>\n"
        )


def compare(
    a: str | nn.Module | Contestant = "rvm-mobilenetv3-published",
    b: str | nn.Module | Contestant = "state reset",
    clip: str | Path | LabClip = "carphone",
) -> Comparison:
    """Runs both, or takes them from the cache. By name (`contestant_names()`, `clip_names()`), or a network, or a video file.

    Raises CourseError for a name that there is not, and for weights that are not here.
    """
    contestants, found = (find_contestant(a), find_contestant(b)), find_clip(clip)
    first, second = (result_of(contestant, found) for contestant in contestants)
    return Comparison(found, first, second, tuple(contestant.what for contestant in contestants))
