"""Rules over policies of every type."""
