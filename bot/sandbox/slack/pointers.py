"""A list of problems, each with the JSON pointer to where it is."""

from typing import Any


class Problems:
    """Collects what is wrong, in Slack's words; each check adds at most one problem."""

    def __init__(self) -> None:
        self.listed: list[str] = []

    def add(self, sentence: str, at: str) -> None:
        self.listed.append(f"{sentence} [json-pointer:{at}]")

    def at_most(self, count: int, most: int, at: str) -> None:
        if count > most:
            self.add(f"no more than {most} items allowed", at)

    def between(self, count: int, least: int, most: int, at: str) -> None:
        if count < least:
            self.add(f"no fewer than {least} items allowed", at)
        self.at_most(count, most, at)

    def length(self, text: Any, most: int, at: str) -> None:
        if not isinstance(text, str):
            self.add("must be a string", at)
        elif len(text) > most:
            self.add(f"must be less than {most + 1} characters", at)

    def text(self, node: Any, at: str, most: int, *, plain: bool = False) -> None:
        """A text object of 1 to `most` characters; `plain` allows plain_text only."""
        if not isinstance(node, dict) or "text" not in node:
            self.add("missing required field: text", at)
            return
        if node.get("type") not in (("plain_text",) if plain else ("plain_text", "mrkdwn")):
            self.add(f"unsupported type: {node.get('type')}", f"{at}/type")
        if "verbatim" in node and node.get("type") == "plain_text":
            self.add("invalid additional property: verbatim", at)
        self.length(node["text"], most, f"{at}/text")
        if node["text"] == "":
            self.add("must be more than 0 characters", f"{at}/text")
