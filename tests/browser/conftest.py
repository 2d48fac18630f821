"""What the tests of pages need."""

from tests.browser_fixtures import browser, watched

__all__ = ["browser", "watched"]
