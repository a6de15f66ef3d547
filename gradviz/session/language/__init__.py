"""What the editor is told about names in a program: completion, signatures, documentation.

A process of its own answers (`process.py`), beside the one that runs programs: it reads the text and never
runs it. What the engine offers it reads as plain Python text, too (`offers.py`).
"""
