"""Slack: the war room, its card and its sentences; commands, buttons and forms."""
