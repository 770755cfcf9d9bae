"""What becomes of the words that a person types: names turn into tokens, the three special characters are escaped."""

import re

from bot.sandbox.slack.workspace import Workspace

NAME = re.compile(r"(?<![\w@])([@#])([\w.-]*\w)")
LINK = re.compile(r"(?<![<\w])https?://[^\s<>]+")


def in_message(workspace: Workspace, text: str) -> str:
    """As a message keeps it: `<@U…>`, `<#C…|name>`, `<!here>`, `<!subteam^S…>`, entities escaped."""
    return NAME.sub(lambda found: _token(workspace, found, labels=False), _escaped(text))


def in_command(workspace: Workspace, text: str) -> str:
    """As a slash command with `should_escape` carries it: `<@U…|name>`, `<#C…|name>`, `<https://…>`."""
    if not workspace.settings.should_escape:
        return text
    named = NAME.sub(lambda found: _token(workspace, found, labels=True), _escaped(text))
    return LINK.sub(lambda link: f"<{link.group()}>", named)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _token(workspace: Workspace, found: re.Match[str], *, labels: bool) -> str:
    sign, name = found.groups()
    if sign == "#":
        channel_id = workspace.names.get(name)
        return f"<#{channel_id}|{name}>" if channel_id else found.group()
    for person in workspace.people.values():
        if person.name == name:
            return f"<@{person.id}|{name}>" if labels else f"<@{person.id}>"
    for group in workspace.groups.values():
        if group.handle == name:
            return f"<!subteam^{group.id}|@{name}>" if labels else f"<!subteam^{group.id}>"
    return f"<!{name}>" if name in ("here", "channel", "everyone") else found.group()
