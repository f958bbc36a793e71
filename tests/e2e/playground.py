"""What the browser tests do with the playground."""

from playwright.sync_api import Page


def open_playground(page: Page, url: str) -> None:
    page.goto(url)
    wait_for_network(page)


def wait_for_network(page: Page) -> None:
    """Until the panels show what the running network makes of the picture."""
    page.get_by_text("ms in the network").wait_for(state="attached", timeout=90_000)  # phones have no room for it
