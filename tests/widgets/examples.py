"""One small example of every widget."""

import torch

from course_lib import widgets
from course_lib.data.emoji_scenes import CLASS_NAMES
from course_lib.exercises.catalogue import exercises_of
from course_lib.widgets.model_lab import Contestant, LabClip, LabPicture, PictureSet
from course_lib.widgets.model_lab.found import Answer, Found
from course_lib.widgets.model_lab.instance_view import InstanceLab
from course_lib.widgets.model_lab.view import Lab


def _picture(height=48, width=64):
    return torch.linspace(0, 1, 3 * height * width).reshape(3, height, width)


def _clip(frames=6, height=24, width=32):
    """A bright square that moves to the right, (T, 3, H, W)."""
    clip = torch.full((frames, 3, height, width), 0.2)
    for t in range(frames):
        clip[t, 0, 6:18, 2 + 3 * t : 12 + 3 * t] = 0.9
    return clip


def _inspected(side=40):
    """A disk with a soft edge, grey over blue: I, alpha and F."""
    y, x = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    alpha = ((14 - torch.hypot(x - 20.0, y - 22.0)) / 3).clamp(0, 1)
    F = torch.full((3, side, side), 0.7)
    B = torch.tensor([0.1, 0.2, 0.6]).view(3, 1, 1)
    return alpha * F + (1 - alpha) * B, alpha, F


def _states(frames=3):
    """Two scales of a 24 × 32 picture with 4 and 6 channels."""
    draw = torch.Generator().manual_seed(0)
    return [
        [2 * torch.rand(1, c, 24 // s, 32 // s, generator=draw) - 1 for c, s in ((4, 2), (6, 4))] for _ in range(frames)
    ]


def _masks(side=48):
    """A disc and a box, (2, H, W) bool."""
    y, x = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    return torch.stack([torch.hypot(x - 15.0, y - 20.0) < 11, (x > 30) & (x < 44) & (y > 12) & (y < 40)])


def _matched(queries=4, steps=5):
    """A training in which the two objects of `_masks` change their queries once."""
    draw = torch.Generator().manual_seed(1)
    scores = torch.rand(steps, queries, 2, generator=draw)
    assigned = [[0, 2], [0, 2], [1, 2], [1, 2], [1, 2]]
    drawings = torch.rand(steps, queries, 12, 12, generator=draw) > 0.5
    drawings[:, 2] = _masks()[1, ::4, ::4]
    return [0, 2, 4, 8, 16], scores, assigned, drawings


def _ranked(pictures=6, detections=12, objects=4):
    """Scores and IoUs, the better the surer."""
    draw = torch.Generator().manual_seed(2)
    scores = torch.rand(pictures, detections, generator=draw)
    own = torch.randint(objects, (pictures, detections, 1), generator=draw)
    fits = (0.35 + 0.6 * scores + 0.2 * torch.randn(pictures, detections, generator=draw)).clamp(0, 1)
    return scores, torch.zeros(pictures, detections, objects).scatter(2, own, fits[..., None])


def standing(frames=5, height=48, width=64):
    """Three people, boxes of soft edges, who move to the right, the last one out of the picture: frames, masks, alphas."""
    x, y = torch.arange(width) + 0.5, torch.arange(height)[:, None] + 0.5
    clip, alphas = torch.full((frames, 3, height, width), 0.3), torch.zeros(3, frames, 1, height, width)
    for p, (middle, step) in enumerate(((11, 1), (31, 2), (52, 6))):
        for t in range(frames):
            across = (7.25 - (x - middle - step * t).abs()).clamp(0, 1)
            alphas[p, t, 0] = across * (y - 10.25 - 4 * p).clamp(0, 1)
            clip[t] += alphas[p, t] * (0.6 * torch.eye(3)[p].view(3, 1, 1) - 0.1)
    return clip, alphas[:, 0, 0] > 0.5, alphas


def _activation_logits():
    """Three queries of two maps, 8 × 8."""
    return 3 * torch.randn(3, 2, 8, 8, generator=torch.Generator().manual_seed(3)) - 2


LAYERS = [(3, 2, 1), (5, 1, 1), (3, 2, 1), (3, 1, 2)]  # kernel, stride, dilation


def _small_lab():
    """Two contestants that need no weights, on a clip with a truth."""
    clip = _clip()
    truth = (clip[:, :1] > 0.5).float()
    blinking = truth.clone()
    blinking[1::2] *= 0.5

    def always(name, alpha):
        return Contestant(name, f"{name}.", lambda: lambda frames: (frames, alpha))

    contestants = [always("the truth", truth), always("blinking", blinking)]
    clips = [LabClip("square", clip, truth, "Drawn here."), LabClip("square backwards", clip.flip(0), truth.flip(0))]
    return Lab(contestants, clips, [0, 1, 0])


def picture_set(truth=True):
    """The disc, a cat, and the box, a dog, before two grounds; in the second picture the box alone, for a person."""
    masks = _masks()
    labels = torch.tensor([CLASS_NAMES.index("cat"), CLASS_NAMES.index("dog")])
    targets = [{"labels": labels, "masks": masks}, {"labels": torch.tensor([0]), "masks": masks[1:]}]
    images = [_picture(48, 48), 1 - _picture(48, 48)]
    pictures = [LabPicture(f"{n}", images[n], targets[n] if truth else None) for n in range(2)]
    return PictureSet("disc and box", tuple(pictures), "Drawn here.")


def always_found(name, scores, maps=True, key=None, calls=None):
    """A contestant that finds, in every picture, a cat in the disc, a cat in the box, and a cup where nothing is."""
    nothing = torch.zeros(48, 48, dtype=torch.bool)
    nothing[40:46, 4:16] = True
    labels = torch.tensor([CLASS_NAMES.index(what) for what in ("cat", "cat", "cup")])
    looks = torch.rand(3, 6, 6, generator=torch.Generator().manual_seed(4))
    found = Found(
        torch.tensor(scores),
        labels,
        torch.cat([_masks(), nothing[None]]),
        torch.tensor([3, 0, 5]) if maps else torch.full((3,), -1),
        looks / looks.sum((1, 2), keepdim=True) if maps else torch.zeros(3, 0, 0),
    )

    def run(picture):
        if calls is not None:
            calls.append(name)
        return Answer(found)

    return Contestant(name, f"{name}.", lambda: run, key)


def _small_instance_lab():
    contestants = [always_found("cats", [0.99, 0.97, 0.2]), always_found("cup", [0.3, 0.97, 0.98])]
    shown = [picture_set(), PictureSet("backwards", picture_set().pictures[::-1])]
    return InstanceLab(contestants, shown, [0, 1, 0])


EXAMPLES = {
    "activation_browser": lambda: widgets.activation_browser(
        _picture(48, 48),
        _activation_logits(),
        ["cat", "person", "cup"],
        [0.8, 0.4, 0.1],
        _masks(),
        ["cat", "cup"],
        {0: 0, 2: 1},
    ),
    "guided_filter": lambda: widgets.guided_filter(_inspected(48)[0][:, :32], _inspected(48)[1][:32]),
    "instance_lab": _small_instance_lab,
    "lab": _small_lab,
    "loss_explorer": lambda: widgets.loss_explorer(_clip(3, 32, 32)[:, 0]),
    "matching": lambda: widgets.matching(_picture(48, 48), ["disc", "box"], _masks(), *_matched()),
    "precision_recall": lambda: widgets.precision_recall(*_ranked()),
    "hidden_states": lambda: widgets.hidden_states(_clip(3), _states(), numbers=[5, 7, 9], scale=2, channel=3),
    "inspector": lambda: widgets.inspector(*_inspected(), at=(20, 7), radius=4),
    "person_picker": lambda: widgets.person_picker(*standing()),
    "player": lambda: widgets.player(
        {"clip": _clip(), "a matte": (_clip()[:, 0] > 0.5).float(), "frozen": _clip()[:1, 0].expand(6, 24, 32)}
    ),
    "progress_table": lambda: widgets.progress_table({exercise.name: "passed" for exercise in exercises_of("04")}),
    "receptive_field": lambda: widgets.receptive_field(_picture(), LAYERS),
    "quiz": lambda: widgets.quiz("04"),
    "wipe": lambda: widgets.wipe(_picture(), 1 - _picture(), ("up", "down")),
}
