"""The lesson's button, on every page, and its cards, which the browser shows; Python is told nothing."""

from cae.ui.components import register


def lesson() -> None:
    """Show it."""
    _mount(key="lesson")


_mount = register("lesson", "<div class='lesson'></div>")
