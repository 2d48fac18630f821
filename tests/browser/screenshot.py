"""Take a picture of a built page: `python tests/browser/screenshot.py 04 page.png [--dark] [--from 2000 --height 1500]`."""

import argparse
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from course_lib.cli.book import OUTPUT
from course_lib.cli.browser import find_browser


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", help="a chapter number, or the name of a page such as index")
    parser.add_argument("png", type=Path)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--from", dest="top", type=int, default=0, help="first row of the page, in pixels")
    parser.add_argument("--height", type=int, help="rows of the page; all of it when not given")
    options = parser.parse_args()
    path = next(OUTPUT.glob(f"{options.page}*.html"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"])
        scheme = "dark" if options.dark else "light"
        page = browser.new_page(viewport={"width": options.width, "height": 1000}, color_scheme=scheme)
        page.goto(path.as_uri(), wait_until="load")
        page.evaluate("() => window.MathJax?.startup?.promise")
        if options.height:
            page.set_viewport_size({"width": options.width, "height": options.height})
            page.evaluate("top => window.scrollTo(0, top)", options.top)
            page.wait_for_timeout(300)  # the bar at the top slides in
        page.screenshot(path=options.png, full_page=not options.height)
        browser.close()


main()
