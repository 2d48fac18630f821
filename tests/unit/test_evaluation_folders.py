"""The authors' folders: what is read is what was written, and each way to get them wrong has its own message."""

import numpy as np
import pytest
import torch
from PIL import Image

from course_lib.errors import CourseError
from course_lib.evaluation import folder_scenes
from course_lib.evaluation.folders import read_prediction

SIZE = (6, 8)  # height, width


def save(path, seed, grey=False, size=SIZE):
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = size if grey else (*size, 3)
    pixels = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    Image.fromarray(pixels).save(path)
    return torch.from_numpy(pixels).reshape(*size, -1).permute(2, 0, 1).float() / 255


@pytest.fixture
def root(tmp_path):
    """Two sets with a clip of 3 frames each, all four kinds of pictures."""
    for number, clip in enumerate(("still/0000", "moving/0000")):
        for kind in ("com", "pha", "fgr", "bgr"):
            for frame in range(3):
                save(tmp_path / "truth" / clip / kind / f"{frame:04d}.png", 100 * number + frame, kind == "pha")
    return tmp_path / "truth"


def test_pictures_arrive_unchanged_in_order(root):
    first, second = folder_scenes(root)
    assert (first.name, second.name) == ("moving/0000", "still/0000")
    assert (first.groups, second.groups) == ({"set": "moving"}, {"set": "still"})
    written = torch.stack([save(root / "still/0000/com" / f"{k:04d}.png", k) for k in range(3)])
    assert torch.equal(second.frames, written)
    assert torch.equal(second.foreground, written)
    assert torch.equal(second.background, written)
    assert torch.equal(second.alpha[2], save(root / "still/0000/pha/0002.png", 2, grey=True))


def test_frames_are_in_natural_order_and_their_number_can_be_limited(root):
    for kind in ("com", "pha", "fgr", "bgr"):
        for old, new in (("0000", "2"), ("0001", "10"), ("0002", "9")):
            folder = root / "still/0000" / kind
            (folder / f"{old}.png").rename(folder / f"{new}.png")
    (scene,) = folder_scenes(root, sets=("still",), frames=2)
    assert len(scene.frames) == 2
    assert torch.equal(scene.frames[1], save(root / "x.png", 2))


def test_one_set_is_a_root_too_and_suffixes_may_differ(root):
    for frame in range(3):
        (root / f"still/0000/pha/{frame:04d}.png").rename(root / f"still/0000/pha/{frame:04d}.webp")
    (scene,) = folder_scenes(root / "still")
    assert scene.name == "still/0000"


def test_foreground_and_clean_plate_may_be_left_out(root):
    for clip in ("still/0000", "moving/0000"):
        for kind in ("fgr", "bgr"):
            for file in (root / clip / kind).iterdir():
                file.unlink()
            (root / clip / kind).rmdir()
    for scene in folder_scenes(root):
        assert scene.foreground is None
        assert scene.background is None


def test_nothing_is_read_before_its_turn(root):
    (root / "still/0000/com/0001.png").write_bytes(b"no picture")
    scenes = folder_scenes(root)
    assert next(scenes).name == "moving/0000"
    with pytest.raises(CourseError, match=r"0001\.png is not a picture"):
        next(scenes)


def remove(folder):
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda root: remove(root / "still/0000/pha"), r"still.0000 has no folder pha"),
        (lambda root: remove(root / "still/0000/com"), r"still.0000 has no folder com"),
        (lambda root: remove(root / "still/0000/fgr"), r"all clips must have it, or none"),
        (lambda root: (root / "still/0000/pha/0002.png").unlink(), r"com holds 3 pictures and pha 2"),
        (
            lambda root: (root / "still/0000/pha/0002.png").rename(root / "still/0000/pha/0003.png"),
            r"0003\.png has no partner 0002",
        ),
        (lambda root: [file.unlink() for file in (root / "still/0000/com").iterdir()], r"com holds no picture"),
        (
            lambda root: save(root / "still/0000/com/0001.png", 0, size=(6, 9)),
            r"has 9×6 pixels, but 0000\.png before it 8×6",
        ),
        (
            lambda root: [save(root / f"still/0000/pha/{k:04d}.png", 0, True, (7, 8)) for k in range(3)],
            r"com has 8×6 pixels and pha 8×7",
        ),
    ],
)
def test_each_fault_has_its_message(root, damage, message):
    damage(root)
    with pytest.raises(CourseError, match=message):
        list(folder_scenes(root))


def test_other_folders_are_refused_with_the_layout(tmp_path, root):
    with pytest.raises(CourseError, match="There is no folder"):
        folder_scenes(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(CourseError, match="expected as FOLDER/set/clip/com"):
        folder_scenes(tmp_path / "empty")
    with pytest.raises(CourseError, match=r"no set live\. There are: moving, still"):
        folder_scenes(root, sets=("live",))


def test_predictions_are_read_beside_the_truth(root, tmp_path):
    scene = next(folder_scenes(root, sets=("still",)))
    predictions = tmp_path / "mine"
    written = torch.stack([save(predictions / f"still/0000/pha/{k:04d}.png", k, grey=True) for k in range(3)])
    foreground, alpha = read_prediction(predictions, root, scene)
    assert foreground is None
    assert torch.equal(alpha, written)
    save(predictions / "still/0000/fgr/0000.png", 0)
    with pytest.raises(CourseError, match=r"fgr holds 1 pictures, but clip still/0000 has 3 frames"):
        read_prediction(predictions, root, scene)


def test_predictions_that_do_not_fit(root, tmp_path):
    scene = next(folder_scenes(root, sets=("still",)))
    with pytest.raises(CourseError, match="no mattes for clip still/0000"):
        read_prediction(tmp_path / "mine", root, scene)
    for k in range(3):
        save(tmp_path / "mine/still/0000/pha" / f"{k}.png", k, True, (3, 4))
    with pytest.raises(CourseError, match=r"has 4×3 pixels, and the true matte 8×6"):
        read_prediction(tmp_path / "mine", root, scene)


def test_the_truth_is_no_prediction_even_through_a_link(root, tmp_path):
    scene = next(folder_scenes(root, sets=("still",)))
    with pytest.raises(CourseError, match="is the truth itself"):
        read_prediction(root, root, scene)
    (tmp_path / "mine").symlink_to(root, target_is_directory=True)
    with pytest.raises(CourseError, match="is the truth itself"):
        read_prediction(tmp_path / "mine", root, scene)
