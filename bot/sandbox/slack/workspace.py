"""The workspace's state: who and what is in it."""


class Workspace:
    """People, channels, messages, views, tokens."""
