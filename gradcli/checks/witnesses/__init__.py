"""The witnesses: each a function from a subject and a sample to a testimony."""
