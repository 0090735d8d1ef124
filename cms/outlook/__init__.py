"""Says what will happen elsewhere, before somebody does it: in plain words, with numbers.

``words`` turns what federation answers into sentences; ``pages`` asks it about pages; ``views`` shows it.
"""
