"""The stretch exercise of chapter 05: a level for whole clips, where only the memory goes frame by frame."""

import torch
from torch import nn
from torch.nn.functional import interpolate

from course_lib.exercises.chapters.chapter_05 import decoder_level, level_inputs
from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def decoder_level_of_clips(below, f, s, h, weight, z):
    """below, f, s with (B, T) in front, the rest as before

    → y (B, T, D, H, W) and the last h (B, D/2, H, W).
    """
    B, (H, W) = len(s), s.shape[3:]
    below, f, s = below.flatten(0, 1), f.flatten(0, 1), s.flatten(0, 1)  # B · T frames
    up = interpolate(below, scale_factor=2, mode="bilinear", align_corners=False)
    joined = torch.cat([up[:, :, :H, :W], f, s], dim=1)  # (B · T, C + S + 3, H, W)
    x = nn.functional.conv2d(joined, weight, padding=1).relu()
    a, b = x.unflatten(0, (B, -1)).chunk(2, dim=2)  # (B, T, D/2, H, W) each
    states = []
    for proposal in b.unbind(1):
        h = (1 - z) * h + z * proposal
        states.append(h)
    return torch.cat([a, torch.stack(states, dim=1)], dim=2), h


def _frames_as_batch(below, f, s, h, weight, z):
    steps = [decoder_level(*(part[:, t] for part in (below, f, s)), h, weight, z) for t in range(s.shape[1])]
    return torch.stack([y for y, _ in steps], dim=1), steps[-1][1]


def _clips_run_on(below, f, s, h, weight, z):
    state, outputs, last = h[:1], [], []
    for clip in range(len(s)):
        one = (part[clip : clip + 1] for part in (below, f, s))
        y, state = decoder_level_of_clips(*one, state, weight, z)
        outputs.append(y)
        last.append(state)
    return torch.cat(outputs), torch.cat(last)


def _time_before_batch(below, f, s, h, weight, z):
    B, T = s.shape[:2]
    mixed = (part.flatten(0, 1).unflatten(0, (T, B)).transpose(0, 1) for part in (below, f, s))
    y, h = decoder_level_of_clips(*mixed, h, weight, z)
    return y.transpose(0, 1).flatten(0, 1).unflatten(0, (B, T)), h


def _first_state_returned(below, f, s, h, weight, z):
    y, _ = decoder_level_of_clips(below, f, s, h, weight, z)
    return y, y[:, 0, y.shape[2] // 2 :].clone()


def _state_read_before_it_is_new(below, f, s, h, weight, z):
    y, last = decoder_level_of_clips(below, f, s, h, weight, z)
    a, states = y.chunk(2, dim=2)
    late = torch.cat([h[:, None], states[:, :-1]], dim=1)
    return torch.cat([a, late], dim=2), last


def _past_detached(below, f, s, h, weight, z):
    outputs = []
    for t in range(s.shape[1]):
        y, h = decoder_level(*(part[:, t] for part in (below, f, s)), h.detach(), weight, z)
        outputs.append(y)
    return torch.stack(outputs, dim=1), h


def _clip_cases(draw: Draw):
    yield Case("one clip of three frames", level_inputs(draw, (1, 3), 3, 2, 4, (4, 6)), public=True)
    yield Case("one frame", level_inputs(draw, (2, 1), 2, 2, 2, (3, 3)))
    yield Case("two clips of four frames", level_inputs(draw, (2, 4), 3, 2, 4, (5, 4)))


CLIP = Exercise(
    "05",
    "stretch",
    "Whole clips at once",
    difficulty=3,
    importance=4,
    minutes=20,
    task="""Only the memory looks along time. So a level can take $B$ clips of $T$ frames and do all but the memory
for $B \\cdot T$ frames in one call: `below`, `f` and `s` have the axes $(B, T)$ in front now, `h` is the state that
each clip starts from. Loop over $T$ only where you must; there, all clips go side by side. Return all outputs and the
state to carry into the next chunk.

The level is that of the core exercise. Known case: one clip of three frames.""",
    solution=decoder_level_of_clips,
    hints=(
        "`flatten(0, 1)` makes frames of clips, `unflatten(0, (B, -1))` clips of frames. Which lines need time?",
        "Everything up to the ReLU is done for all frames. Then part the halves; `unbind(1)` walks through one of them.",
    ),
    cases=_clip_cases,
    mistakes=(
        Mistake(
            _frames_as_batch,
            "The first frames are right, later ones have no past.",
            "Every frame starts from the first state, as if it began a video. Hand the state on.",
        ),
        Mistake(
            _clips_run_on,
            "The first clip is right, the others are not.",
            "Your clips run on as one long video: the second starts with what the first left behind.",
        ),
        Mistake(
            _time_before_batch,
            "Right for one clip; with several, frames change places.",
            "You part the frames as (T, B), and they were joined as (B, T): clips are mixed up.",
        ),
        Mistake(
            _first_state_returned,
            "All outputs are right, the next chunk flickers.",
            "You return the state behind the first frame. The next chunk goes on where this one ended.",
        ),
        Mistake(
            _state_read_before_it_is_new,
            "The memory lags one frame behind.",
            "You put the state into the output before this frame has changed it.",
        ),
        Mistake(
            _past_detached,
            "Values are right, the past would not learn.",
            "You detach the state between frames: no gradient reaches the frames before.",
        ),
    ),
    gradients=True,
)
EXERCISES = (CLIP,)
