"""The command line, `python -m cae COMMAND`. `cae.cli` has a module for each command.

Exit status: 0 for success; 2 for bad usage or bad input, with one plain line on standard error; 130 after Ctrl-C.
"""

import importlib
import os
import sys
from collections.abc import Sequence
from errno import ENOSPC

from cae import CaeError
from cae.cli.parser import UsageError, parser
from cae.model.writing import WriteError

BACKENDS = ("tensorflow", "jax", "torch")
RESUME = "--resume goes on from the last finished epoch."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, given without the program's name; returns the exit status."""
    resumable = False
    try:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        if os.environ.setdefault("KERAS_BACKEND", BACKENDS[0]) not in BACKENDS:
            raise UsageError(f"KERAS_BACKEND must be one of {', '.join(BACKENDS)}.")
        options = parser().parse_args(arguments)
        resumable = options.module == "train"
        importlib.import_module(f"cae.cli.{options.module}").run(options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        _say(f"Stopped. {RESUME}" if resumable else "Stopped.")
        return 130
    except BrokenPipeError:  # the reader of a pipe has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except ModuleNotFoundError as error:
        _say(f"The module {error.name} is missing: pip install -r requirements.txt")
        return 2
    except OSError as error:
        full = "There is no room for the output: make some, or name another place."
        _say(f"{error.filename}: {error.strerror}" if error.filename else full if error.errno == ENOSPC else str(error))
        return 2
    except CaeError as error:
        _say(f"{error} {RESUME}" if resumable and isinstance(error, WriteError) else str(error))
        return 2
    return 0


def _say(message: str) -> None:
    print(" ".join(message.splitlines()), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
