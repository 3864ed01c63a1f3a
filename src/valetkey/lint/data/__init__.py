"""Data that lint reads: written by ``tools/generate_iam_data.py``, never by hand."""
