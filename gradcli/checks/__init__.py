"""Independent witnesses of a gradient, and the verdict: over a trace or a callable, never over text."""
