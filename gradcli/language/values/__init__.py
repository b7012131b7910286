"""Values of the language's own: plain ones and their operators, variables, functions, errors."""
