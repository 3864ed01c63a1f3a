"""Rules over ``.gitlab-ci.yml``."""
