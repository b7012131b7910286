"""What the explorer found: frozen, plain data and read-only arrays, so that any view can show it.

Named tuples: a dataclass takes ten times as long to make, and these are made at every start.

A module for each subject, so that a command loads no more than its own.
"""
