"""What every browser test starts from: Debian's Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from .serving import CHROMIUM, QUIET
from .test_browser_pages import Watched, sign_in


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's browser."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield launched
        launched.close()


@pytest.fixture
def watched(site, chromium):
    """Return a function that opens the browser of a person and keeps what it complains of."""
    opened = []

    def open_for(name: str, **options) -> Watched:
        context = chromium.new_context(**options)
        seen = Watched(context, site)
        opened.append((context, seen))
        sign_in(seen.page, site, name)
        return seen

    yield open_for
    for context, seen in opened:
        # The answer to an incomplete form is 422, which the console tells of.
        seen.complaints = [c for c in seen.complaints if "status of 422" not in c]
        seen.assert_quiet()
        context.close()
