"""Processes killed at every point of the path, and what is true after they were taken up again.

Run: ``python -m tests.faults``. The product has no hooks for it: a process of a trial
imports the product, wraps the named function, and sends itself SIGKILL at its call.
"""
