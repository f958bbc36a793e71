"""The commands of the command line, a module each. They are imported when they run, since most need Keras."""

import json


def show_json(result: dict) -> None:
    """Print a result as one JSON object on standard output."""
    print(json.dumps(result, indent=1, allow_nan=False))
