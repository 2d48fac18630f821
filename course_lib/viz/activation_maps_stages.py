"""The networks of one recorded run of SparseInst over its training: before it, and at the end of each stage that is recorded.

A run's folder holds the weights of its last stage and those that forks start from (`training.run_folder`); the weights before
training are made again from the run's seed, and its backbone from where it started.
"""

from pathlib import Path

import torch

from course_lib.errors import CourseError
from course_lib.instances import SparseInst
from course_lib.training.files import read_json
from course_lib.training.instance_recipes import instance_recipe_from
from course_lib.training.run_folder import RESULTS
from course_lib.training.sparseinst import RUN, build, starting_network
from course_lib.training.stage_start import recorded_stage, recorded_weights

BEFORE = "before training"


def networks_over_training(run: str = RUN, results: Path = RESULTS) -> dict[str, SparseInst]:
    """`BEFORE`, "stage 1" … → network, in eval mode and without gradients, in the order of training.

    Raises CourseError where the run, or what it started from, is not recorded.
    """
    folder = results / run
    config = read_json(folder / "config.json")
    stages = config.get("stages", {})
    if "1" not in stages:
        raise CourseError(f"{folder} records no stage 1 of a run. To train it: course train sparseinst --run {run}")
    recipe = instance_recipe_from(stages["1"]["recipe"])
    with torch.random.fork_rng(devices=[]):  # the start is drawn from the run's own seed
        networks = {BEFORE: starting_network(run, recipe, len(config["classes"]), config["seed"], results=results)}
        for stage in sorted(map(int, stages)):
            if recorded_stage(folder, stage):
                later = build(instance_recipe_from(stages[str(stage)]["recipe"]), len(config["classes"]))
                later.load_state_dict(recorded_weights(folder, stage))
                networks[f"stage {stage}"] = later
    for network in networks.values():
        network.class_names = tuple(config["classes"])
        network.eval().requires_grad_(False)
    return networks
