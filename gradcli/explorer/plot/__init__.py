"""`plot`: an expression over one variable or two, sampled, with the places where it is not smooth."""
