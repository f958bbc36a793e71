"""What the browser tests do with the playground and with the app behind it."""

from pathlib import Path

from playwright.sync_api import Page

from cae.cli.browser import App


def engine_pid(app: App) -> int:
    """The process that holds the network: the app's child that runs cae.engine.worker."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == app.pid and b"cae.engine.worker" in (folder / "cmdline").read_bytes():
                return int(folder.name)
        except (OSError, IndexError):  # it has just ended
            continue
    raise AssertionError("the app has no engine process")


def open_playground(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_text("ms in the network").wait_for(timeout=90_000)
