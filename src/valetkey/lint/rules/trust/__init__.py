"""Rules over trust policies."""
