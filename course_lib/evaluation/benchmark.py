"""Several methods on the same scenes, into one record; it can be stopped and continued.

A scene is made once for all methods. What is finished is saved every half minute and at the end, however that comes.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from tqdm import tqdm

from course_lib.errors import CourseError
from course_lib.evaluation.evaluate import evaluate_clip
from course_lib.evaluation.methods import NamedMethod
from course_lib.evaluation.record import Benchmark, MethodRecord
from course_lib.evaluation.scenes import PlannedScene, TestScene

SAVE_EVERY = 30  # seconds


@dataclass
class Outcome:
    """`left_out`: method → why it did not run. `finished` is False when time was up."""

    finished: bool = True
    left_out: dict[str, str] = field(default_factory=dict)


def first_of_each_set(plan: Sequence[PlannedScene], clips: int | None) -> list[PlannedScene]:
    """At most `clips` scenes of each set, in order."""
    if clips is None:
        return list(plan)
    sets = dict.fromkeys(scene.set for scene in plan)
    return [scene for name in sets for scene in islice((s for s in plan if s.set == name), clips)]


def run_benchmark(
    methods: Sequence[NamedMethod],
    plan: Sequence[PlannedScene],
    benchmark: Benchmark,
    save: Callable[[Benchmark], object],
    *,
    slow_clips: int | None = None,
    resume: bool = False,
    max_minutes: float | None = None,
    progress: bool = False,
) -> Outcome:
    """Adds to `benchmark` what `methods` give on the scenes of `plan`, and calls `save` with it now and then.

    Slow methods are only run on the first `slow_clips` scenes of each set; the record counts the clips of each average.
    Without `resume` a method's earlier results are dropped; with it, clips that are there are not done again. Where one method
    alone is asked for and cannot run (its weights are not here, the scenes lack what it needs), that is a CourseError; of
    several it is left out, and the outcome says why.
    """
    for method in methods:
        known = benchmark.methods.get(method.name) if resume else None
        benchmark.methods[method.name] = MethodRecord(method.what, method.needs, known.clips if known else {})
    for_slow = {scene.name for scene in first_of_each_set(plan, slow_clips)}
    todo = [
        (scene, [m for m in methods if not m.slow or scene.name in for_slow if not benchmark.has(m.name, scene.name)])
        for scene in plan
    ]
    ends = time.monotonic() + 60 * max_minutes if max_minutes is not None else float("inf")
    outcome, built, saved = Outcome(), {}, time.monotonic()
    with tqdm(total=sum(len(ms) for _, ms in todo), unit="clip", disable=None if progress else True) as bar:
        try:
            for planned, waiting in todo:
                if not waiting:
                    continue
                scene = planned.make()
                for method in waiting:
                    if time.monotonic() > ends:
                        outcome.finished = False
                        return outcome
                    bar.set_description(method.name)
                    if method.name not in outcome.left_out:
                        try:
                            _refuse_what_lacks(method, scene)
                            run = built.get(method.name) or built.setdefault(method.name, method.build())
                        except CourseError as error:
                            if len(methods) == 1:
                                raise
                            outcome.left_out[method.name] = str(error)
                        else:
                            benchmark.add(method.name, evaluate_clip(run, scene))
                    bar.update()
                if time.monotonic() - saved > SAVE_EVERY:
                    save(benchmark)
                    saved = time.monotonic()
        finally:
            if any(method.clips for method in benchmark.methods.values()):
                save(benchmark)
    return outcome


def _refuse_what_lacks(method: NamedMethod, scene: TestScene) -> None:
    if (shorter := min(scene.frames.shape[-2:])) < method.smallest:
        raise CourseError(
            f"{method.name} is meant for frames of {method.smallest} pixels and more, these have {shorter}."
        )
    if "clean plate" in [need.replace("_", " ") for need in method.needs] and scene.background is None:
        raise CourseError(f"{method.name} needs a clean plate, and clip {scene.name} has none (no folder bgr).")
