"""The operations: one record each, formulas only."""
