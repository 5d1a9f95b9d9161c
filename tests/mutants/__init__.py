"""Faults put into the rules on purpose: each must turn a test red. Run: python -m tests.mutants."""
