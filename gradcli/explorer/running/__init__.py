"""`run`: scripts and case files, found, selected, run one after the other or side by side, and judged."""
