"""What holds for all tests: properties are tried on the same examples in every run.

A run must say the same of the same code. To search for new examples:
`HYPOTHESIS_PROFILE=default pytest ...`.
"""

from __future__ import annotations

import os
import signal

from hypothesis import settings

from gradcli.autograd.methods import complete_all

settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

# Started in the background a suite ignores Ctrl-C and hands that on to the commands that it starts; some of
# these are to be interrupted.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Tests call the methods of tensors in Python, and not all of them reach for these through `gradcli.torch`.
complete_all()
