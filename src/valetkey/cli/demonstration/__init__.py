"""The demonstration: the story's steps, the stage it is told on, and the parts it runs."""

from valetkey.cli.demonstration.story import demonstrate

__all__ = ["demonstrate"]
