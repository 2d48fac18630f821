"""A virtual camera that moves: inside a panorama (equirectangular → perspective), or before a flat picture.

The pinhole camera: a pixel (x, y) off the centre, in half widths, looks along d = R · (x·tan(f/2), y·tan(f/2), 1), with x to
the right, y down, z ahead, f the horizontal field of view and R the turn of the head. Longitude atan2(d_x, d_z) and latitude
asin(d_y/|d|) are column and row of the panorama.

A path is drawn per clip: a slow move between two views along an easing curve, its length in proportion to the number of
frames, and the tremor of a hand; some cameras stand on a tripod.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Generator, Tensor

from course_lib.data.augmentation.affine import affine_matrices, crop_matrices, warp
from course_lib.data.augmentation.draws import chance, uniform
from course_lib.data.augmentation.easing import draw_progress

NARROWEST, WIDEST = (
    100.0,
    130.0,
)  # degrees: below 100 a panorama of 512 columns is soft, above 130 its edges are torn apart
FPS = 25  # speeds below are meant at this rate


@dataclass(frozen=True)
class CameraPath:
    """Where the camera looks at each frame, all in degrees, (T,) each."""

    pan: Tensor  # to the right
    tilt: Tensor  # up
    roll: Tensor  # clockwise, as the picture turns
    field_of_view: Tensor  # across the longer side
    moving: bool


def draw_path(frames: int, generator: Generator) -> CameraPath:
    """A random path: up to ±60 °/s of pan, ±15 °/s of tilt, ±8 °/s of roll, zoom between 100° and 130°."""
    pan, tilt = uniform(generator, 0, 360), uniform(generator, -12, 12)
    roll, view = uniform(generator, -5, 5), uniform(generator, NARROWEST, WIDEST)
    still = chance(generator, 0.2)
    seconds = (frames - 1) / FPS
    speed = uniform(generator, -1, 1, 4) * torch.tensor([60.0, 15.0, 8.0, 15.0]) * (0 if still else 1)
    progress = draw_progress(frames, generator).clamp(0, 1)
    moved = progress[:, None] * speed * seconds  # (T, 4)
    shaken = tremor(frames, generator) * (0 if still else float(uniform(generator, 0, 0.6)))  # (T, 3)
    return CameraPath(
        pan=pan + moved[:, 0] + shaken[:, 0],
        tilt=(tilt + moved[:, 1]).clamp(-25, 25) + shaken[:, 1],
        roll=(roll + moved[:, 2]).clamp(-12, 12) + 0.5 * shaken[:, 2],
        field_of_view=(view + moved[:, 3]).clamp(NARROWEST, WIDEST),
        moving=not still,
    )


def tremor(frames: int, generator: Generator) -> Float[Tensor, "T 3"]:
    """The unsteadiness of a hand on three axes, amplitude about 1: waves of 0.5 to 5 Hz, weaker as they get faster."""
    hertz = uniform(generator, 0.5, 5, 6, 3)
    phase = uniform(generator, 0, 2 * math.pi, 6, 3)
    time = torch.arange(frames)[:, None, None] / FPS
    return (torch.sin(2 * math.pi * hertz * time + phase) / hertz).sum(1) / 2


def rotations(path: CameraPath) -> Float[Tensor, "T 3 3"]:
    """Camera → world for each frame: roll first, then tilt, then pan."""
    pan, tilt, roll = (torch.deg2rad(angle) for angle in (path.pan, path.tilt, path.roll))
    return _turn(pan, 2, 0) @ _turn(-tilt, 2, 1) @ _turn(roll, 1, 0)


def view_directions(path: CameraPath, height: int, width: int) -> Float[Tensor, "T h w 3"]:
    """The direction (not of unit length) in which each pixel looks."""
    longer = max(height, width)
    x = (torch.arange(width) + 0.5 - width / 2) * 2 / longer
    y = (torch.arange(height) + 0.5 - height / 2) * 2 / longer
    reach = torch.tan(torch.deg2rad(path.field_of_view) / 2)[:, None, None]  # (T, 1, 1)
    flat = torch.stack(
        torch.broadcast_tensors(x * reach, y[:, None] * reach, torch.ones_like(reach)), -1
    )  # (T, h, w, 3)
    return torch.einsum("tij,thwj->thwi", rotations(path), flat)


def sphere_coordinates(directions: Float[Tensor, "... 3"]) -> Float[Tensor, "... 2"]:
    """Column and row of an equirectangular picture, both in [0, 1]: straight ahead is (0.5, 0.5), straight up has row 0."""
    x, y, z = directions.unbind(-1)
    longitude, latitude = torch.atan2(x, z), torch.atan2(y, torch.hypot(x, z))
    return torch.stack([longitude / (2 * math.pi) + 0.5, latitude / math.pi + 0.5], -1)


def look_up(
    picture: Float[Tensor, "C H W"], at: Float[Tensor, "T h w 2"], mode: str = "bicubic"
) -> Float[Tensor, "T C h w"]:
    """The picture at coordinates in [0, 1] (column, row); columns go round, rows end. Beyond 1 the columns start again."""
    width = picture.shape[-1]
    edge = 4  # columns repeated at both sides, so that interpolation crosses the seam
    around = F.pad(picture[None], (edge, edge, 0, 0), mode="circular")
    column = ((at[..., 0] % 1) * width + edge) / (width + 2 * edge)
    grid = torch.stack([column, at[..., 1]], -1) * 2 - 1
    frames = len(at)
    return F.grid_sample(around.expand(frames, -1, -1, -1), grid, mode=mode, padding_mode="border", align_corners=False)


def film_panorama(
    panorama: Float[Tensor, "3 H W"],
    path: CameraPath,
    height: int,
    width: int,
    detail: Float[Tensor, "1 h w"] | None = None,
) -> Float[Tensor, "T 3 h w"]:
    """What the camera sees on its path, bicubic; a view with fewer pixels than the panorama has there is antialiased.

    `detail` is a tileable texture about 0 that lies on everything, fine enough for one of its pixels to be one of the view's:
    light is multiplied by 1 + detail. A panorama of 512 columns has nothing that fine of its own.
    """
    directions = view_directions(path, height, width)
    columns_in_view = panorama.shape[-1] * float(path.field_of_view.min()) / 360
    if (shrink := columns_in_view / max(height, width)) > 1:
        rows, columns = (max(8, round(side / shrink)) for side in panorama.shape[-2:])
        panorama = F.interpolate(panorama[None], (rows, columns), mode="bilinear", antialias=True)[0]
    at = sphere_coordinates(directions)
    seen = look_up(panorama, at)
    if detail is not None:
        rows, columns = detail.shape[-2:]
        pixels_around = max(height, width) * 360 / float(path.field_of_view.mean())
        # Whole numbers of tiles, so that there is no seam; half as many from pole to pole.
        tiles = torch.tensor([max(1, round(pixels_around / columns)), max(1, round(pixels_around / 2 / rows))])
        seen = seen * (1 + look_up(detail, (at * tiles) % 1, "bilinear"))
    return seen.clamp(0, 1)


def film_picture(
    picture: Float[Tensor, "3 H W"], frames: int, height: int, width: int, still: bool, generator: Generator
) -> Float[Tensor, "T 3 h w"]:
    """A flat picture, 60–100 % of it in view; the camera slides, turns and zooms a little, unless it stands `still`."""
    rows, columns = picture.shape[-2:]
    share = float(uniform(generator, 0.6, 1))
    view_width = share * min(columns, rows * width / height)
    view_height = view_width * height / width
    place = uniform(generator, 0, 1, 2).tolist()
    box = (place[0] * (rows - view_height), place[1] * (columns - view_width), view_height, view_width)
    view = crop_matrices(box, (rows, columns), (height, width), chance(generator, 0.5))
    # Per second: degrees, shares of the sides, and the logarithm of the scale.
    speed = torch.tensor([8, 0.15, 0.1, 0.1, 0, 0]) * uniform(generator, -1, 1, 6)
    progress = draw_progress(frames, generator).clamp(0, 1)
    moves = progress[:, None] * speed * (frames - 1) / FPS  # (T, 6), see affine.PARAMETERS
    moves[:, :3] += tremor(frames, generator) * torch.tensor([0.4, 0.006, 0.006]) * uniform(generator, 0, 1)
    moves[:, 3] = torch.exp(moves[:, 3].clamp(-0.4, 0.4))
    if still:
        moves = torch.tensor([[0.0, 0, 0, 1, 0, 0]])
    to_source = view @ torch.linalg.inv(affine_matrices(moves, height, width))
    filmed = warp(picture[None], to_source, (height, width), "reflection").clamp(0, 1)
    return filmed.expand(frames, -1, -1, -1).contiguous()


def _turn(angle: Tensor, source: int, target: int) -> Float[Tensor, "T 3 3"]:
    """Rotations that carry axis `source` towards axis `target` by `angle` (radians, (T,))."""
    turn = torch.eye(3).repeat(len(angle), 1, 1)
    turn[:, source, source] = turn[:, target, target] = torch.cos(angle)
    turn[:, target, source] = torch.sin(angle)
    turn[:, source, target] = -torch.sin(angle)
    return turn
