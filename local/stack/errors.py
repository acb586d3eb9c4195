"""What a person is told when the stack cannot do what was asked."""


class StackError(Exception):
    """One clear line: what is wrong, and what to do about it."""
