"""`repl`: programs typed line by line, in one session whose names persist."""
