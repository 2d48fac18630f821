"""Get the real clip of the course: "carphone", 120 frames of 176×144, a man talking in a moving car.

python data_scripts/get_sample_clip.py
"""

import argparse

from _run import run, say_where


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    from course_lib.data import sample_clip
    from course_lib.data.clips import CARPHONE
    from course_lib.fetch import fetch, is_present

    print(f"{CARPHONE.name}: {'already in the cache' if is_present(CARPHONE) else 'not in the cache yet'}")
    paths = fetch(CARPHONE)
    count, _, height, width = sample_clip("carphone").shape
    print(f"Checked: SHA-256; decodes to {count} frames of {width}×{height}.")
    say_where(list(paths.values()), CARPHONE.licence, CARPHONE.credit)
    print('Use it: sample_clip("carphone")')


if __name__ == "__main__":
    run(main)
