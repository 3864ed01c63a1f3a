"""Rules over policies that say what a principal may do, or who may use a resource."""
