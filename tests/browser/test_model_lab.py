"""The model lab in a real JupyterLab: choosing another model computes it; stored views show without running, once trusted."""

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_lib.cli.execute import execute_chapter

from .jupyterlab import KERNEL, opened, serve, trust

OPENING = """import torch
from course_lib import widgets
from course_lib.chapters import open_chapter
from course_lib.widgets.model_lab import Contestant, LabClip, LabPicture, PictureSet, own_instances

open_chapter("in", version="0.1")"""
MATTES = """frames = torch.full((4, 3, 32, 40), 0.2)
frames[:, 0, 8:24, 8:28] = 0.9
truth = (frames[:, :1] > 0.5).float()

def always(name, alpha):
    return Contestant(name, name, lambda: lambda frames: (frames, alpha))

mine = (always("right", truth), always("half", truth / 2), always("nothing", 0 * truth))
widgets.lab("right", "half", LabClip("square", frames, truth), mine)"""
INSTANCES = """class Finds:
    def __init__(self, shift):
        self.shift = shift

    def predict(self, images):
        masks = truth[:1, 0].roll(self.shift, 2) > 0.5
        return [{"scores": torch.tensor([0.9]), "labels": torch.tensor([1]), "masks": masks}]

mine = tuple(own_instances(Finds(shift), name) for name, shift in (("there", 0), ("near", 6), ("far", 20)))
picture = LabPicture("square", frames[0], {"labels": torch.tensor([1]), "masks": truth[0] > 0.5})
widgets.instance_lab("there", "near", PictureSet("one square", (picture,)), mine)"""

VIEWS = ".jp-OutputArea .course-widget"
PICTURES = """box => [...box.querySelectorAll("canvas")].map(c => c.toDataURL())
  .concat([...box.querySelectorAll("svg path")].map(path => path.getAttribute("d")))"""
NUMBERS = """box => [...box.querySelectorAll("table")].map(table => table.textContent).join()"""
INKED = """box => { const one = box.querySelector("canvas");
  return new Set(one.getContext("2d").getImageData(0, 0, one.width, one.height).data).size; }"""


def write(path):
    cells = [new_markdown_cell("# Two labs"), *map(new_code_cell, (OPENING, MATTES, INSTANCES))]
    nbformat.write(new_notebook(cells=cells, metadata=KERNEL), path)


def heading(box, at):
    return box.locator("b").nth(at).inner_text()


def test_choosing_another_model_computes_it_and_changes_picture_and_numbers(watched, tmp_path):
    write(tmp_path / "labs.ipynb")
    with serve(tmp_path, "labs.ipynb") as address:
        page = opened(watched, address)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        for at, (name, measure) in enumerate((("B: nothing", "MAD ×1000"), ("B: far", "AP50"))):
            box = page.locator(VIEWS).nth(at)
            box.locator("table").first.wait_for()
            before = (heading(box, 1), box.evaluate(PICTURES), box.evaluate(NUMBERS))
            box.locator("select").nth(1).focus()
            page.keyboard.press("ArrowDown")  # the keyboard alone chooses: JupyterLab must not take the key
            page.wait_for_function(
                f"([views, at, old]) => ({NUMBERS})(document.querySelectorAll(views)[at]) !== old",
                arg=[VIEWS, at, before[2]],
            )
            after = (heading(box, 1), box.evaluate(PICTURES), box.evaluate(NUMBERS))
            assert after[0] == name
            assert all(one != other for one, other in zip(before, after, strict=True))
            assert measure in after[2]
        assert watched.errors == []
        assert watched.elsewhere == []


def test_stored_views_show_without_running_once_the_notebook_is_trusted(watched, tmp_path):
    path = tmp_path / "index.ipynb"
    write(path)
    execute_chapter(path, records=tmp_path / "records.json")  # as the course stores its chapters
    with serve(tmp_path, path.name, trusted=False) as address:
        page = opened(watched, address)
        page.get_by_text("Model lab: right and half on square").wait_for()
        assert page.locator(VIEWS).count() == 0, "not trusted: its text alone"
        trust(tmp_path, path.name)
        page = opened(watched, address)
        page.locator(VIEWS).nth(1).locator("table").first.wait_for()
        assert [heading(page.locator(VIEWS).nth(at), 0) for at in range(2)] == ["A: right", "A: there"]
        assert "AP50" in page.locator(VIEWS).nth(1).evaluate(NUMBERS)
        assert all(page.locator(VIEWS).nth(place).evaluate(INKED) > 1 for place in range(2)), "pictures are drawn"
        picture = page.locator(VIEWS).nth(1).evaluate(PICTURES)
        page.locator(VIEWS).nth(1).locator("select").nth(3).select_option("3")  # the picture alone
        page.wait_for_function(
            "([views, one]) => document.querySelectorAll(views)[1].querySelector('canvas').toDataURL() !== one",
            arg=[VIEWS, picture[0]],
        )
        assert page.evaluate("() => document.querySelectorAll('.jp-InputPrompt')[3].textContent") == "[3]:", "as stored"
        assert watched.errors == []
        assert watched.elsewhere == []
