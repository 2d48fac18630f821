"""A Chromium or Chrome for the tests, or one line that says that there is none."""

import os

import pytest

from course_lib.cli.browser import find_browser

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
QUIET += ["--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="session")
def browser():
    path = find_browser()
    if path is None:
        give_up = pytest.fail if os.environ.get("COURSE_REQUIRE_BROWSER") else pytest.skip
        give_up("There is no Chromium or Chrome here; install one, or name it in COURSE_BROWSER.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield opened
        opened.close()


class Watched:
    """A page that notes what went wrong on it: errors, failed requests, and requests to any other host."""

    def __init__(self, browser, width=1280, height=1000):
        self.page = browser.new_page(viewport={"width": width, "height": height})
        self.errors: list[str] = []
        self.failed: list[str] = []
        self.elsewhere: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("requestfailed", lambda request: self.failed.append(f"{request.url}: {request.failure}"))
        self.page.on("request", self._request)

    def _request(self, request):
        local = ("file:", "data:", "blob:", "http://127.0.0.1:", "ws://127.0.0.1:")
        if not request.url.startswith(local):
            self.elsewhere.append(request.url)


@pytest.fixture
def watched(browser):
    page = Watched(browser)
    yield page
    page.page.close()
