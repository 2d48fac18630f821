"""Exercises of chapter 04: what a moving average remembers, and a step of the ConvGRU."""

import torch
import torch.nn.functional as F

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def leaky_weights(z, frames):
    """z float, the rate; frames int, n → (n,) float32: weights of o_t, oldest first."""
    k = torch.arange(frames - 1, -1, -1)  # (n,): how many frames back
    weights = z * (1 - z) ** k
    weights[0] = (1 - z) ** (frames - 1)
    return weights


def _first_one_scaled(z, frames):
    return z * (1 - z) ** torch.arange(frames - 1, -1, -1)


def _newest_first(z, frames):
    return leaky_weights(z, frames).flip(0)


def _rate_swapped(z, frames):
    return leaky_weights(1 - z, frames)


def _made_to_sum_to_one(z, frames):
    weights = _first_one_scaled(z, frames)
    return weights / weights.sum()


def _leaky_cases(draw: Draw):
    yield Case("z = 0.5, two frames", (0.5, 2), public=True)
    yield Case("z = 0.5, four frames", (0.5, 4), public=True)
    yield Case("one frame", (draw.number(0.1, 0.9), 1))
    yield Case("many frames", (draw.number(0.1, 0.4), draw.integer(6, 12)))


LEAKY = Exercise(
    "04",
    "warm-up",
    "What a leaky average remembers",
    difficulty=1,
    importance=3,
    minutes=5,
    task="""Section 2 unrolled $h_t = (1-z)\\,h_{t-1} + z\\,o_t$ with $h_0 = o_0$. Return what each of the proposals
$o_0 \\dots o_{n-1}$ counts in $h_{n-1}$, oldest first.

Known cases: $z = 0.5$ with two and with four frames.""",
    solution=leaky_weights,
    hints=(
        "All weights together are 1: an average neither gains nor loses.",
        "Count how many frames back each proposal is. One of them never met the factor $z$.",
    ),
    cases=_leaky_cases,
    mistakes=(
        Mistake(
            _first_one_scaled,
            "The weights do not add up to 1.",
            "Your first proposal is scaled by z, but h_0 = o_0 enters whole.",
        ),
        Mistake(
            _newest_first, "Right numbers in the wrong places.", "Your weights run from the newest back: oldest first."
        ),
        Mistake(
            _rate_swapped,
            "The past fades too fast, or too slowly.",
            "Your z and 1 − z are swapped: z is what the newest proposal counts.",
        ),
        Mistake(
            _made_to_sum_to_one,
            "The sum is 1 and the numbers are still off.",
            "You divide by the sum. The weights sum to 1 by themselves once o_0 counts what is left over.",
        ),
    ),
    tensors=False,
)


def conv_gru_step(x, h, gate_weight, gate_bias, candidate_weight, candidate_bias):
    """x, h (B, C, H, W); weights (2C, 2C, k, k), (C, 2C, k, k), odd k; biases 2C, C

    → the new h (B, C, H, W).
    """
    padding = gate_weight.shape[-1] // 2
    gates = F.conv2d(torch.cat([x, h], dim=1), gate_weight, gate_bias, padding=padding)
    r, z = gates.sigmoid().chunk(2, dim=1)  # (B, C, H, W) each
    seen = torch.cat([x, r * h], dim=1)  # (B, 2C, H, W)
    o = F.conv2d(seen, candidate_weight, candidate_bias, padding=padding).tanh()
    return (1 - z) * h + z * o


def _z_swapped(x, h, *weights):
    z, o = _parts(x, h, *weights)
    return z * h + (1 - z) * o


def _gates_swapped(x, h, gate_weight, gate_bias, candidate_weight, candidate_bias):
    swapped = [torch.cat(part.chunk(2)[::-1]) for part in (gate_weight, gate_bias)]
    return conv_gru_step(x, h, *swapped, candidate_weight, candidate_bias)


def _no_reset(x, h, *weights):
    z, o = _parts(x, h, *weights, reset=False)
    return (1 - z) * h + z * o


def _state_first(x, h, gate_weight, gate_bias, candidate_weight, candidate_bias):
    swapped = [torch.cat(weight.chunk(2, dim=1)[::-1], dim=1) for weight in (gate_weight, candidate_weight)]
    return conv_gru_step(x, h, swapped[0], gate_bias, swapped[1], candidate_bias)


def _state_detached(x, h, *weights):
    return conv_gru_step(x, h.detach(), *weights)


def _padding_of_three(x, h, *weights):
    z, o = _parts(x, h, *weights, padding=1)
    return (1 - z) * h + z * o


def _reset_after(x, h, gate_weight, gate_bias, candidate_weight, candidate_bias):
    padding, c = gate_weight.shape[-1] // 2, x.shape[1]
    r, z = F.conv2d(torch.cat([x, h], dim=1), gate_weight, gate_bias, padding=padding).sigmoid().chunk(2, dim=1)
    of_x = F.conv2d(x, candidate_weight[:, :c], candidate_bias, padding=padding)
    o = (of_x + r * F.conv2d(h, candidate_weight[:, c:], padding=padding)).tanh()
    return (1 - z) * h + z * o


def _no_tanh(x, h, *weights):
    z, o = _parts(x, h, *weights, squash=False)
    return (1 - z) * h + z * o


def _parts(x, h, gate_weight, gate_bias, candidate_weight, candidate_bias, padding=None, reset=True, squash=True):
    padding = gate_weight.shape[-1] // 2 if padding is None else padding
    r, z = F.conv2d(torch.cat([x, h], dim=1), gate_weight, gate_bias, padding=padding).sigmoid().chunk(2, dim=1)
    kept = r * h if reset else h
    o = F.conv2d(torch.cat([x, kept], dim=1), candidate_weight, candidate_bias, padding=padding)
    return z, o.tanh() if squash else o


def random_weights(draw: Draw, channels: int, kernel: int) -> tuple:
    shapes = ((2 * channels, 2 * channels, kernel, kernel), (2 * channels,), (channels, 2 * channels, kernel, kernel))
    return (*(draw.normal(*shape) / 2 for shape in shapes), draw.normal(channels) / 2)


def _step_cases(draw: Draw):
    yield Case("two pictures, 3×3 kernel", (*draw.normal(2, 2, 3, 4, 5), *random_weights(draw, 3, 3)), public=True)
    yield Case("one picture, odd sides", (*draw.normal(2, 1, 2, 5, 3), *random_weights(draw, 2, 3)))
    yield Case("1×1 kernel", (*draw.normal(2, 2, 2, 4, 4), *random_weights(draw, 2, 1)))
    yield Case("5×5 kernel", (*draw.normal(2, 2, 2, 6, 5), *random_weights(draw, 2, 5)))


STEP = Exercise(
    "04",
    "core",
    "One step of the ConvGRU",
    difficulty=2,
    importance=5,
    minutes=10,
    task="""Write the step of section 4 with `F.conv2d`, from the weights alone:

$$ \\begin{aligned}
{[r, z]} &= \\sigma(W_{rz} * [x, h] + b_{rz}) \\\\
o &= \\tanh(W_o * [x,\\; r \\odot h] + b_o) \\\\
h' &= (1 - z) \\odot h + z \\odot o
\\end{aligned} $$

The picture keeps its size. Known case: two pictures, a 3×3 kernel.""",
    solution=conv_gru_step,
    hints=(
        "Both convolutions take $2C$ channels: `torch.cat` along the channel axis, $x$ first.",
        "How much padding keeps the size depends on the kernel. `chunk(2, dim=1)` parts the gates, $r$ first.",
    ),
    cases=_step_cases,
    mistakes=(
        Mistake(_z_swapped, "It copies where it should keep.", "Your z and 1 − z are swapped, as in the paper's text."),
        Mistake(_gates_swapped, "Gates seem to do each other's work.", "Your r and z are swapped: r comes first."),
        Mistake(_no_reset, "Nearly right where the state is small.", "Your candidate sees all of h: r must act first."),
        Mistake(
            _reset_after,
            "Nearly right, and PyTorch's GRUCell agrees with you.",
            "Your r acts behind the convolution, as in PyTorch's GRUCell. Here it acts on h, before the candidate sees it.",
        ),
        Mistake(_no_tanh, "Some values are beyond 1.", "Your candidate lacks its tanh."),
        Mistake(_state_first, "All numbers are off.", "You join h before x. The weights expect x first."),
        Mistake(
            _state_detached,
            "Values are right, the gradient is not.",
            "Your state is detached: training could not reach the frames before.",
        ),
        Mistake(
            _padding_of_three,
            "It works for 3×3 kernels only.",
            "Your padding is that of a 3×3 kernel. Take it from the weights.",
        ),
    ),
    gradients=True,
)
EXERCISES = (LEAKY, STEP)
