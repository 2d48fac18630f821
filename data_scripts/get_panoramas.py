"""Get the panoramas for moving backgrounds: 18 of 512×256 pixels, CC0, tone-mapped once.

python data_scripts/get_panoramas.py
"""

import argparse

from _run import run, say_where


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    from course_lib.data.panoramas import PANORAMAS, list_panoramas, load_panorama
    from course_lib.fetch import fetch, is_present

    print(f"{PANORAMAS.name}: {'already in the cache' if is_present(PANORAMAS) else 'not in the cache yet'}")
    paths = fetch(PANORAMAS)
    for name in list_panoramas():
        _, height, width = load_panorama(name).shape
    print(f"Checked: SHA-256 of each; {len(paths)} panoramas of {width}×{height}: {', '.join(list_panoramas())}.")
    say_where(list(paths.values()), PANORAMAS.licence, PANORAMAS.credit)
    print('Use them: load_panorama("city") of course_lib.data.panoramas')


if __name__ == "__main__":
    run(main)
