"""YAML as plain data and nothing more: no aliases, no deep nests, no key twice, no large files."""

from pathlib import Path
from typing import Any

import yaml

LARGEST_FILE = 256 * 1024
DEEPEST = 20
FENCE = "---"
"""The line before and after the front matter of a Markdown file."""


class Unreadable(Exception):
    """The file cannot be used; one plain sentence that quotes nothing of it."""


def read_yaml(path: Path) -> dict[str, Any]:
    """A file's mapping; an empty file is an empty one. Raises Unreadable."""
    return _mapping(_content(path), path, "settings by name, such as `slack:`")


def read_front(path: Path) -> tuple[dict[str, Any], str]:
    """The front matter of a Markdown file, and the text below it. Raises Unreadable."""
    try:
        lines = _content(path).decode().splitlines()
    except UnicodeDecodeError:
        raise Unreadable(f"{path} is no UTF-8 text.") from None
    if not lines or lines[0].rstrip() != FENCE or FENCE not in (rest := [line.rstrip() for line in lines[1:]]):
        raise Unreadable(f"{path} should begin with front matter: YAML between two lines of `{FENCE}`.")
    end = rest.index(FENCE) + 1
    front = "\n".join(["", *lines[1:end]])  # the empty line stands for the fence: problems name the file's own lines
    return _mapping(front.encode(), path, "keys such as `title:` in its front matter"), "\n".join(lines[end + 1 :])


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from None
    if len(text) > LARGEST_FILE:
        raise Unreadable(f"{path} is larger than {LARGEST_FILE // 1024} KB.")
    return text


def _mapping(text: bytes, path: Path, wanted: str) -> dict[str, Any]:
    data = _parsed(text, path)
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise Unreadable(f"{path} should hold {wanted}.")
    return data


def _parsed(text: bytes, path: Path) -> Any:
    try:
        data = yaml.load(text, _StrictLoader)  # nosec B506 # noqa: S506  (a SafeLoader that refuses more)
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise Unreadable(f"{path} is not valid YAML: {_problem(error)}.") from None
    return {} if data is None else data


class _StrictLoader(yaml.SafeLoader):
    """A few lines of aliases make gigabytes, a few kilobytes of brackets exhaust the stack: neither is read."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not read; write the value out")
        self._depth += 1
        if self._depth > DEEPEST:
            raise yaml.YAMLError("it is nested too deeply")
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.MarkedYAMLError(problem=f"`{key}` stands there twice", problem_mark=key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def _problem(error: Exception) -> str:
    """What is wrong and where, without the text around it (which may hold a secret)."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem:
        return f"{error.problem} (line {error.problem_mark.line + 1})" if error.problem_mark else error.problem
    return str(error).partition("\n")[0]
