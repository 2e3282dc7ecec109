"""The commands of ``editions``: each module adds its own to the command line, and is about ten lines long."""
