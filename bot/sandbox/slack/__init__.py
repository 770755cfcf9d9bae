"""The Slack half: a workspace with people, channels, messages and modals, and one app installed in it."""
