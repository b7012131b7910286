"""`diff`: the gradient as a formula and as a program, derived over whole tensors.

A run is read as a formula (reading.py) of few kinds of terms (terms.py, formulas.py), differentiated in
reverse by the records' own rules (reverse.py), simplified as it is built (rules_*.py), written in several
languages (writing*.py) and compared with autograd before it is shown (verify.py).
"""
