"""Do puppets look like people? IoU and MAD of the published RVM on 200 puppet clips, into results/puppets/.

python data_scripts/report_on_puppets.py                     all that is missing, about two minutes on one core
python data_scripts/report_on_puppets.py --max-minutes 1     a part of it; run it again to go on
"""

import argparse
from pathlib import Path

from _run import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--max-minutes", type=float, help="stop after this long")
    parser.add_argument("--output", type=Path, help="another folder than results/puppets")
    given = parser.parse_args()

    from course_lib.evaluation.puppet_report import CLIPS, FOLDER, WEIGHTS, make_report, read_rows
    from course_lib.zoo import load_model

    folder = given.output or FOLDER
    finished = make_report(load_model(WEIGHTS), folder, max_minutes=given.max_minutes)
    print((folder / "card.md").read_text("utf-8"))
    print(f"Wrote config.json, clips.csv, metrics.json and card.md in {folder}")
    if not finished:
        print(f"{len(read_rows(folder))} of {CLIPS} clips are done. Run it again to go on.")


if __name__ == "__main__":
    run(main)
