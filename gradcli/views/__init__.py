"""How reports and diagnostics are shown."""
