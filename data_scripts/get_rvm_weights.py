"""Get the weights of RVM: the published 8-bit browser model (default), or the authors' .pth files that you bring.

    python data_scripts/get_rvm_weights.py
    python data_scripts/get_rvm_weights.py --source official --backbone resnet50 --from rvm_resnet50.pth

The weights come from the authors of RVM under their terms (GPL-3.0 repository). They are fetched, not redistributed.
"""

import argparse

from _run import run, say_where


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", choices=["published", "official"], default="published")
    parser.add_argument(
        "--backbone", choices=["mobilenetv3", "resnet50"], default="mobilenetv3", help="of an official file"
    )
    parser.add_argument("--from", dest="origin", metavar="FILE_OR_URL", help="where the official .pth file is")
    arguments = parser.parse_args()
    if arguments.source == "official":
        if arguments.origin is None:
            parser.error("--source official needs --from FILE_OR_URL (rvm_mobilenetv3.pth or rvm_resnet50.pth)")
        get_official(arguments.backbone, arguments.origin)
    else:
        if arguments.origin is not None or arguments.backbone != "mobilenetv3":
            parser.error("--from and --backbone go with --source official")
        get_published()


def get_published() -> None:
    """Fetch the browser model and convert it once, which checks every tensor."""
    from course_lib.fetch import fetch, is_present
    from course_lib.zoo import load_model
    from course_lib.zoo.sources import RVM_TFJS

    print(f"{RVM_TFJS.name}: {'already in the cache' if is_present(RVM_TFJS) else 'not in the cache yet'}")
    paths = fetch(RVM_TFJS)
    parameters = sum(parameter.numel() for parameter in load_model(RVM_TFJS.name).parameters())
    print(f"Checked: SHA-256 of both files; every tensor converted ({parameters:,} parameters).")
    say_where(list(paths.values()), RVM_TFJS.licence, RVM_TFJS.credit)
    print(f'Use it: load_model("{RVM_TFJS.name}")')


def get_official(backbone: str, origin: str) -> None:
    """Check the user's file by its keys and shapes and keep its tensors in the cache."""
    from course_lib.zoo.official import import_official
    from course_lib.zoo.sources import OFFICIAL, RVM_TERMS, RVM_TFJS

    path = import_official(backbone, origin)
    print("Checked: all keys and shapes are those of RVM.")
    say_where([path], RVM_TERMS, RVM_TFJS.credit.split(";")[0])
    print(f'Use it: load_model("{OFFICIAL[backbone].name}")')


if __name__ == "__main__":
    run(main)
