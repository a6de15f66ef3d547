"""gradviz: see automatic differentiation at work."""

__version__ = "0.1.0"
