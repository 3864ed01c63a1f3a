"""The demonstration: what it is about, the story's steps, the stage, and the parts it runs."""

from valetkey.cli.demonstration.show import demonstrate

__all__ = ["demonstrate"]
