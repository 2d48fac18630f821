"""Where a Chromium or Chrome is on this machine, for the tests that look at pages."""

import os
import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = {
    "darwin": (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ),
    "win32": (
        r"%ProgramFiles%\Google\Chrome\Application\chrome.exe",
        r"%ProgramFiles(x86)%\Google\Chrome\Application\chrome.exe",
        r"%LocalAppData%\Google\Chrome\Application\chrome.exe",
    ),
}


def find_browser() -> str | None:
    """Path of the browser, or None. $COURSE_BROWSER names one that is elsewhere."""
    if named := os.environ.get("COURSE_BROWSER"):
        return named
    found = [shutil.which(name) for name in NAMES]
    found += [os.path.expandvars(place) for place in PLACES.get(sys.platform, ())]
    return next((place for place in found if place and Path(place).exists()), None)
