"""The language: text to a checked program, and a program to closures that run against a host."""
