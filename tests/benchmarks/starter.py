"""Starts commands for `measure.process` and says what each took; run as a process of its own.

A process counts as its largest size that of the one that started it, up to the moment of exec: a parent
with PyTorch in it would hide what its children take. This one is smaller than all that it starts.
"""

import json
import os
import subprocess
import sys
import time


def serve() -> None:
    """Answers each line of standard input, a command in JSON, by [ms, MiB, exit code]."""
    for line in sys.stdin:
        start = time.perf_counter()
        child = subprocess.Popen(json.loads(line), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        elapsed = (time.perf_counter() - start) * 1e3
        child.returncode = os.waitstatus_to_exitcode(status)
        print(json.dumps([elapsed, usage.ru_maxrss / 1024, child.returncode]), flush=True)


if __name__ == "__main__":
    serve()
