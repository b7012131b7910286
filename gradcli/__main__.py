"""The process: `gradcli` and `python -m gradcli`."""

import gc
from typing import NoReturn

__all__ = ["main"]

# CPython keeps frames in chunks of 16 KiB, and returns a chunk to the system with its first frame. Calls
# that happen to stand across the end of one ask for a chunk and return it each time, and take 100 times as
# long: whether SymPy is imported in 160 ms or in 230 is a matter of how deep the import stands. So the first
# frame says that it needs so many slots, of 8 bytes: it gets a chunk of 2 MiB, in which the others find room.
# Pages that nobody touches take no memory.
SLOTS = 2**17


def main() -> NoReturn:
    """Runs the command line and ends the process with its exit code."""
    # Start-up makes many objects that live on, from the first import: the default threshold of 700 would look
    # through them again and again.
    gc.set_threshold(200_000, 50, 100)
    from gradcli.cli.app import main as run  # after the threshold is set

    run()


main.__code__ = main.__code__.replace(co_stacksize=SLOTS)

if __name__ == "__main__":
    main()
