"""Get the emoji that scenes for instance segmentation are made of: Noto, Twemoji and OpenMoji, the pictures of 35 classes.

python data_scripts/get_emoji.py
python data_scripts/get_emoji.py --style openmoji
"""

import argparse

from _run import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--style", choices=["noto", "twemoji", "openmoji"], help="only this one")
    arguments = parser.parse_args()
    from course_lib.data.emoji_scenes.sprites import SOURCES, load_sprites
    from course_lib.fetch import fetch, is_present

    for style in [arguments.style] if arguments.style else SOURCES:
        source = SOURCES[style]
        print(f"{source.name}: {'already in the cache' if is_present(source) else 'not in the cache yet'}")
        paths = list(fetch(source).values())
        sprites = load_sprites(style)
        print(f"Checked: SHA-256 of each; {sum(map(len, sprites.values()))} sprites of {len(sprites)} classes.")
        print(f"{paths[0].parent}  ({sum(path.stat().st_size for path in paths) / 1e6:.2f} MB)")
        print(f"Licence: {source.licence}\nCredit:  {source.credit}")
    print('Use them: emoji_scene(0, 256, "train") of course_lib.data.emoji_scenes')


if __name__ == "__main__":
    run(main)
