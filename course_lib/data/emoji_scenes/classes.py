"""The 36 classes of emoji scenes: classes of COCO (Lin et al. 2014), with COCO's names and category numbers.

Chosen so that an emoji shows the thing itself and nothing else: no boat (Twemoji draws water), no zebra (a head, cut off), no
tennis racket (one style draws the ball). COCO's numbers have gaps, as in COCO itself; a label is the place in `CLASSES`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class SceneClass:
    """A class. `bulk` makes a bus mostly larger than an apple: a factor of the drawn size, far milder than in the world.

    `painted`: people make it in any colour, so scenes turn its hue; a banana stays yellow.
    """

    name: str
    coco_id: int
    bulk: float = 1.0
    painted: bool = False


CLASSES = (
    SceneClass("person", 1),
    SceneClass("bicycle", 2, 1.15, painted=True),
    SceneClass("car", 3, 1.2, painted=True),
    SceneClass("motorcycle", 4, 1.15, painted=True),
    SceneClass("airplane", 5, 1.2),
    SceneClass("bus", 6, 1.3, painted=True),
    SceneClass("train", 7, 1.3, painted=True),
    SceneClass("truck", 8, 1.3, painted=True),
    SceneClass("traffic light", 10, 0.9),
    SceneClass("stop sign", 13, 0.9),
    SceneClass("bird", 16, 0.85),
    SceneClass("cat", 17, 0.95),
    SceneClass("dog", 18, 0.95),
    SceneClass("horse", 19, 1.15),
    SceneClass("sheep", 20, 1.05),
    SceneClass("cow", 21, 1.15),
    SceneClass("elephant", 22, 1.3),
    SceneClass("giraffe", 25, 1.3),
    SceneClass("backpack", 27, 0.9, painted=True),
    SceneClass("umbrella", 28, painted=True),
    SceneClass("suitcase", 33, 0.9, painted=True),
    SceneClass("sports ball", 37, 0.75),
    SceneClass("wine glass", 46, 0.8),
    SceneClass("cup", 47, 0.75, painted=True),
    SceneClass("banana", 52, 0.75),
    SceneClass("apple", 53, 0.75),
    SceneClass("orange", 55, 0.75),
    SceneClass("carrot", 57, 0.75),
    SceneClass("pizza", 59, 0.85),
    SceneClass("donut", 60, 0.75),
    SceneClass("cake", 61, 0.85),
    SceneClass("chair", 62, 1.1, painted=True),
    SceneClass("potted plant", 64, 0.95),
    SceneClass("laptop", 73, 0.9),
    SceneClass("book", 84, 0.8, painted=True),
    SceneClass("clock", 85, 0.85),
)
CLASS_NAMES = tuple(scene_class.name for scene_class in CLASSES)
COCO_IDS = tuple(scene_class.coco_id for scene_class in CLASSES)
PERSON = CLASS_NAMES.index("person")
