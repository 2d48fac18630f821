"""Get the photographs of the course. Most lie in installed packages; two are fetched (from the scikit-learn package).

python data_scripts/get_photographs.py
"""

import argparse

from _run import run


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    from course_lib.data import list_images, sample_image
    from course_lib.data.images import PHOTOGRAPHS, SCIKIT_LEARN_PHOTOGRAPHS, locate_image
    from course_lib.fetch import fetch

    fetch(SCIKIT_LEARN_PHOTOGRAPHS)
    for name in list_images():
        _, height, width = sample_image(name).shape
        path = locate_image(name)
        print(
            f"{name:13} {width:4}×{height:<4} {path.stat().st_size / 1e6:5.2f} MB  {PHOTOGRAPHS[name].credit}\n    {path}"
        )
    print('Checked: SHA-256 of each. Use them: sample_image("astronaut")')


if __name__ == "__main__":
    run(main)
