"""Temporary AWS-compatible credentials from OpenID Connect ID tokens, with reasons for refusals.

The rooms of the package, and which may import which, stand as one list of floors in
``pyproject.toml``; ``docs/architecture.md`` says what each owns.
"""

__version__ = "0.1.0"
