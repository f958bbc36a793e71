"""What the browser tests do with the playground."""

from playwright.sync_api import Page


def as_new(page: Page) -> None:
    """Take away what a test before has left, but for the place that the page is at."""
    page.context.clear_cookies()
    if page.url.startswith("http"):
        page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    page.set_default_timeout(30_000)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(color_scheme="light")
    page.mouse.move(0, 0)


def open_playground(page: Page, url: str) -> None:
    page.goto(url)
    wait_for_network(page)


def wait_for_network(page: Page) -> None:
    """Until the panels show what the running network makes of the picture."""
    page.get_by_text("ms in the network").wait_for(state="attached", timeout=90_000)  # phones have no room for it
