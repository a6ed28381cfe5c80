"""Generators, checks and tools that the Makefile calls."""
