"""Data that the gateway reads: made by ``tools/generate_authorization_data.py``, not by hand."""
