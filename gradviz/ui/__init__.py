"""The window. It looks only at the trace, and steers the session through its client."""
