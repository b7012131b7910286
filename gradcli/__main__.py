"""The process: `gradcli` and `python -m gradcli`."""

import gc
from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """Runs the command line and ends the process with its exit code."""
    # Start-up makes many objects that live on, from the first import: the default threshold of 700 would look
    # through them again and again.
    gc.set_threshold(200_000, 50, 100)
    from gradcli.cli.app import main as run  # after the threshold is set

    run()


if __name__ == "__main__":
    main()
