"""From the checked tree to closures that run against a host."""
