"""What the tests of widgets need."""

from tests.browser_fixtures import browser, watched

__all__ = ["browser", "watched"]
