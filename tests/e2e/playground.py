"""What the browser tests do with the playground."""

from playwright.sync_api import Page


def open_playground(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_text("ms in the network").wait_for(timeout=90_000)
