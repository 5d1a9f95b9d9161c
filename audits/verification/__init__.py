"""Proof that what is shown is what the records say: each check is a second way to the same end."""
