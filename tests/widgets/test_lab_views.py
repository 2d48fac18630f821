"""The labs as a reader uses them: what the page shows is what the table says, and nothing is computed twice."""

import base64
import io
import math
import threading

import numpy as np
import pytest
import torch
from PIL import Image

from course_lib.matting import RobustVideoMatting
from course_lib.widgets.model_lab import Contestant, LabClip, PictureSet, compare, own
from course_lib.widgets.model_lab.contestants import PIECE
from course_lib.widgets.model_lab.instance_view import InstanceLab
from course_lib.widgets.model_lab.view import Lab

from .examples import EXAMPLES, always_found, picture_set
from .stage import move, show

PIXEL = """([at, x, y]) => [...document.querySelectorAll("#widget canvas")[at].getContext("2d")
  .getImageData(x, y, 1, 1).data.slice(0, 3)]"""
CONTROLS = "#widget select, #widget input[type=range]"
FOCUS = f"() => [...document.querySelectorAll('{CONTROLS}')].indexOf(document.activeElement)"


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))


def noisy_clip(truth=True):
    """Half of the picture stands still, half of it does not."""
    draw = torch.Generator().manual_seed(0)
    frames = torch.rand(1, 3, 24, 32, generator=draw).repeat(5, 1, 1, 1)
    frames[:, :, :, 16:] = torch.rand(5, 3, 24, 16, generator=draw)
    return LabClip("noise", frames, (torch.rand(5, 1, 24, 32, generator=draw) > 0.5).float() if truth else None)


def guesser(name, seed=0, calls=None):
    """Alpha of few and of many levels."""

    def run(frames):
        if calls is not None:
            calls.append(name)
        alpha = torch.rand(len(frames), 1, *frames.shape[-2:], generator=torch.Generator().manual_seed(seed))
        return 1 - frames, alpha**3

    return Contestant(name, f"{name}.", lambda: run)


def sheet(data, name):
    """What the page decodes: (T, H, W) in 0 … 255."""
    picture = Image.open(io.BytesIO(base64.b64decode(data["sheets"][name].split(",")[1])))
    return np.asarray(picture.convert("L"))


def cut(view, side, name):
    data = view.data
    whole = sheet(data[side] if side else data, name)
    h, w, columns = data["height"], data["width"], data["columns"]
    corners = [(h * (t // columns), w * (t % columns)) for t in range(data["frames"])]
    return np.stack([whole[y : y + h, x : x + w] for y, x in corners]).astype(float)


def test_error_and_flicker_of_what_is_sent_are_those_of_the_table():
    clip, contestants = noisy_clip(), [guesser("one", 1), guesser("two", 2)]
    view = Lab(contestants, [clip], [0, 1, 0]).wait()
    still = cut(view, None, "still")[1:] > 127
    assert still.mean() == pytest.approx(0.5, abs=0.01)
    both = compare(*contestants, clip)
    for side, result in zip("AB", (both.a, both.b), strict=True):
        alpha = cut(view, side, "alpha")
        flicker = (np.abs(np.diff(alpha, axis=0)) * still).sum((1, 2)) / still.sum((1, 2))
        assert flicker == pytest.approx(result.flicker[1:], abs=0.5)
        np.testing.assert_array_equal(alpha, (255 * result.alpha[:, 0]).round())
        error = np.abs(alpha - cut(view, None, "truth")).mean((1, 2)) / 0.255
        assert error == pytest.approx(result.metrics["mad"], abs=2)
    assert view.data["table"] == [list(row) for row in both.cells()]


def test_the_page_draws_flicker_where_the_picture_stands_still(watched):
    view = Lab([guesser("one", 1), guesser("two", 2)], [noisy_clip(truth=False)], [0, 1, 0])
    show(watched.page, view)
    move(watched.page, watched.page.get_by_role("combobox", name="show"), 3)
    move(watched.page, watched.page.get_by_role("slider", name="frame"), 2)
    assert watched.page.evaluate(PIXEL, [0, 20, 3]) == [60, 60, 60], "it moves there"
    alpha = cut(view, "A", "alpha")
    change = abs(alpha[2, 3, 4] - alpha[1, 3, 4])
    from matplotlib import colormaps

    expected = 255 * np.array(colormaps["viridis"](min(change / 64, 1))[:3])
    assert watched.page.evaluate(PIXEL, [0, 4, 3]) == pytest.approx(list(expected), abs=12)
    assert "64/255 or more" in watched.page.locator("#widget").inner_text(), "a legend"


def test_a_person_stands_before_any_colour_and_before_any_picture(watched, tmp_path):
    page = watched.page
    view = Lab([guesser("one"), guesser("two")], [noisy_clip()], [0, 1, 0])
    show(page, view)
    alpha = cut(view, "A", "alpha")[0, 3, 4] / 255
    canvas = page.locator("#widget canvas").first

    def behind(colour):
        """What is seen, less the person's own part: told by a second ground."""
        seen = np.array(page.evaluate(PIXEL, [0, 4, 3]))
        return seen - (1 - alpha) * np.array(colour)

    page.get_by_label("any colour").fill("#102030")
    assert "new background" in canvas.get_attribute("aria-label"), "who chooses a colour sees it"
    own_part = behind((16, 32, 48))
    page.get_by_label("any colour").fill("#f0a080")
    np.testing.assert_allclose(behind((240, 160, 128)), own_part, atol=1)

    left_red = np.zeros((48, 100, 3), np.uint8)  # wider than the clip: cut at both sides
    left_red[:, :50, 0] = 255
    Image.fromarray(left_red).save(tmp_path / "photo.png")
    page.get_by_label("a picture of yours").set_input_files(tmp_path / "photo.png")
    page.wait_for_function(
        "() => document.querySelectorAll('#widget select')[4].selectedOptions[0].text === 'own picture'"
    )
    np.testing.assert_allclose(behind((255, 0, 0)), own_part, atol=1.5)
    alpha = cut(view, "A", "alpha")[0, 3, 28] / 255
    on_black = page.evaluate(PIXEL, [0, 28, 3])
    move(page, page.get_by_role("combobox", name="before"), 2)
    np.testing.assert_allclose(page.evaluate(PIXEL, [0, 28, 3]), on_black, atol=1.5)

    (tmp_path / "letter.txt").write_text("no picture")
    page.get_by_label("a picture of yours").set_input_files(tmp_path / "letter.txt")
    page.get_by_text("letter.txt is not a picture").wait_for()
    assert watched.errors == []
    assert watched.elsewhere == []


def test_each_measure_has_its_curve(watched):
    view = EXAMPLES["lab"]()
    show(watched.page, view)
    names = watched.page.get_by_role("combobox", name="frame by frame").locator("option").all_inner_texts()
    assert names == [row[0] for row in view.data["table"]]
    move(watched.page, watched.page.get_by_role("combobox", name="frame by frame"), names.index("MAD ×1000"))
    move(watched.page, watched.page.get_by_role("slider", name="frame"), 3)
    a, b = (dict(view.data[side]["curves"])["MAD ×1000"][3] for side in "AB")
    assert watched.page.get_by_role("img", name=f"MAD ×1000, frame 3: A {a:g}, B {b:g}").count() == 1
    assert b != a


@pytest.mark.parametrize("name", ["lab", "instance_lab"])
def test_the_focus_stays_where_it_is_when_something_else_is_shown(name, watched):
    page, view = watched.page, EXAMPLES[name]()
    show(page, view)
    other = {"data": {**view.data, "request": [1, 0, 0]}}
    controls = page.locator(CONTROLS)
    for at in range(controls.count()):
        control = controls.nth(at)
        control.focus()
        page.keyboard.press("ArrowDown" if control.evaluate("e => e.matches('select')") else "ArrowRight")
        page.wait_for_timeout(30)
        assert page.evaluate(FOCUS) == at, "after the reader's own choice"
        page.evaluate("([name, value]) => told(name, value)", ["data", other["data"]])
        assert page.evaluate(FOCUS) == at, "after an answer came"
    assert page.locator("#widget b").first.inner_text().startswith(f"A: {view.choices['models'][1]}")
    assert watched.errors == []


def test_what_was_computed_is_not_computed_again():
    calls, clip = [], noisy_clip()
    view = Lab([guesser(name, calls=calls) for name in "xyz"], [clip], [0, 1, 0]).wait()
    first = view.data
    for request in ([1, 0, 0], [2, 1, 0], [0, 1, 0]):
        view.request = request
        assert view.wait().data["request"] == request
    assert calls == ["x", "y", "z"]
    assert view.data == first
    Lab([guesser("x", calls=calls)], [clip], [0, 0, 0]).wait()
    assert calls == ["x", "y", "z", "x"], "a new view asks again: the network may have learned"


def test_the_view_is_there_before_its_answer_and_says_how_far_it_is():
    go, told = threading.Event(), []

    def slow():
        go.wait(60)
        return RobustVideoMatting().eval().requires_grad_(False)

    network = Contestant("slow", "slow", lambda: own(slow()).build())
    clip = LabClip("grey", torch.full((PIECE + 2, 3, 32, 32), 0.5))
    view = Lab([network, guesser("two")], [clip], [0, 1, 0])
    view.observe(lambda change: told.append(change.new), "status")
    assert view.data == {}
    assert repr(view) == "Model lab: slow and two on grey"
    go.set()
    assert view.wait().data["request"] == [0, 1, 0]
    assert f"A: slow, {PIECE} of {PIECE + 2} frames" in told
    assert "B: two …" in told
    assert view.status == ""


def test_pictures_are_counted_while_they_are_looked_at():
    told = []
    view = InstanceLab(
        [always_found("a", [0.9, 0.5, 0.2])], [picture_set(), PictureSet("b", picture_set().pictures)], [0, 0, 0]
    )
    view.wait().observe(lambda change: told.append(change.new), "status")
    view.request = [0, 0, 1]
    view.wait()
    assert "A: a, 1 of 2 pictures" in told


def test_frames_in_pieces_are_the_frames_at_once():
    torch.manual_seed(0)
    network = RobustVideoMatting().eval().requires_grad_(False)
    frames = torch.rand(2 * PIECE + 1, 3, 32, 48)
    whole = network(frames[None])
    for one, expected in zip(own(network).build()(frames), whole, strict=False):
        torch.testing.assert_close(one, expected[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["lab", "instance_lab"])
def test_a_screen_reader_hears_who_is_compared_and_what_came_of_it(name, watched):
    view = EXAMPLES[name]()
    show(watched.page, view)
    box = watched.page.locator("#widget [role=group]").first
    a, b = view.choices["models"]
    assert box.get_attribute("aria-label").startswith(f"Model lab: {a} and {b} on {view.choices['shown'][0]}; ")
    for measure, one, other in view.data["table"]:
        assert f"{measure}: A {one}, B {other}" in box.get_attribute("aria-label")
    view.request = [1, 0, 1]
    said = view.wait().description
    assert said.startswith(f"Model lab: {b} and {a} on {view.choices['shown'][1]}; ")
    watched.page.evaluate("([name, value]) => told(name, value)", ["description", said])
    assert box.get_attribute("aria-label") == said
    assert math.isfinite(float(view.data["table"][0][1]))
