"""Why it went wrong: the failed program is run once more, with everything written down."""
