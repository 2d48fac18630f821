"""Write emoji scenes as a COCO-style folder, with the sets train and val: something to try training on a folder with.

python data_scripts/export_emoji_scenes.py --out scenes --train 200 --val 50
"""

import argparse
from pathlib import Path

from _run import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="a new folder, or an empty one")
    parser.add_argument("--train", type=int, default=200, help="scenes to learn from (default: 200)")
    parser.add_argument("--val", type=int, default=50, help="scenes to validate on (default: 50)")
    parser.add_argument("--size", type=int, default=256, help="of a scene, in pixels (default: 256)")
    arguments = parser.parse_args()
    from course_lib.errors import CourseError

    folder, counts = arguments.out, {"train": arguments.train, "val": arguments.val}
    if few := [split for split, count in counts.items() if count < 1]:
        raise CourseError(f"--{few[0]} {counts[few[0]]}: at least 1.")
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise CourseError(f"{folder} is there already and not an empty folder. Choose another with --out.")
    from course_lib.data.coco_export import export_coco
    from course_lib.data.emoji_scenes.recipes import RECIPES
    from course_lib.data.emoji_scenes.sprites import SOURCES

    for split, count in counts.items():
        file = export_coco(folder, split, count, arguments.size)
        print(f"{file}  ({file.stat().st_size / 1e6:.2f} MB), {count} scenes of {arguments.size}² in {folder / split}")
    sources = [SOURCES[style] for style in RECIPES["train"].styles]
    print(f"Licence: {'; '.join(source.licence for source in sources)}")
    print(f"Credit:  {'; '.join(source.credit for source in sources)}")
    print(f"Use it: course train sparseinst --data {folder}")


if __name__ == "__main__":
    run(main)
