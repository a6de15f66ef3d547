"""Runs a user's program under control, in a process of its own, and records it as a trace."""
