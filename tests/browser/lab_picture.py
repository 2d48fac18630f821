"""README's picture of the model lab: both views as a reader sees them, side by side, from the models that are here.

`python -m tests.browser.lab_picture` writes notebooks/_static/lab.webp. Run it again when the recorded weights change.
"""

import io
import sys

from PIL import Image

from course_lib.chapters import NOTEBOOKS
from course_lib.training.files import write_whole
from tests.widgets.stage import move, show

PATH = NOTEBOOKS / "_static" / "lab.webp"
SIZE = (720, 700)  # pixels of each view; what is below is cut off
QUALITY = 72
LARGEST = 120_000  # bytes


def lab_picture(page, views, touch) -> bytes:
    """`views`: widgets, from left to right. `touch`: for each what a reader does first: control → (kind, place, value)."""
    whole = Image.new("RGB", (len(views) * SIZE[0], SIZE[1]), "white")
    page.set_viewport_size({"width": SIZE[0], "height": SIZE[1]})
    for place, (view, moves) in enumerate(zip(views, touch, strict=True)):
        show(page, view)
        for kind, at, value in moves:
            move(page, page.locator(f"#widget {kind}").nth(at), value)
        page.wait_for_timeout(300)  # pictures are decoded
        with Image.open(io.BytesIO(page.screenshot())) as part:
            whole.paste(part, (place * SIZE[0], 0))
    stream = io.BytesIO()
    whole.save(stream, "WEBP", quality=QUALITY, method=6)
    return stream.getvalue()


def main() -> None:
    from playwright.sync_api import sync_playwright

    from course_lib.cli.browser import find_browser
    from course_lib.widgets.model_lab import instance_lab, lab
    from tests.browser_fixtures import QUIET

    views = (
        lab("rvm-mobilenetv3-published", "state reset"),
        instance_lab("sparseinst-mobilenetv3-laptop", "half size"),
    )
    touch = ((("select", 3, 1), ("input[type=range]", 0, 11)), (("input[type=range]", 0, 5),))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=QUIET)
        picture = lab_picture(browser.new_page(color_scheme="light"), views, touch)
        browser.close()
    if len(picture) > LARGEST:
        sys.exit(f"The picture has {len(picture):,} bytes, at most {LARGEST:,}: lower QUALITY or SIZE in {__file__}.")
    write_whole(PATH, picture)
    print(f"Wrote {PATH}, {len(picture):,} bytes.")


if __name__ == "__main__":
    main()
