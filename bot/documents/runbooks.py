"""Runbooks as they lie in folders: Markdown with front matter, read once at the start; what is wrong is told, not used.

    ---
    title: Queue backlog
    owner: ada@example.com
    reviewed: 2026-11-21
    services: [Checkout*]
    alerts: ["*queue*", "*backlog*"]
    severity: [1, 2]
    tags: [kafka]
    url: https://wiki.example/queue-backlog
    actions:
      scale:
        name: Add ten workers
        url: https://ops.example/jobs/scale
        headers: {Authorization: "Bearer {secret:OPS}"}
        body: '{"by": 10, "why": "{incident} {title}"}'
        roles: [commander]
        confirm: Add ten workers?
    ---
    ## Steps
    1. **Is it still growing?** Look at …
    2. **Add workers.** … <!-- action: scale -->

Every key may be left out; what stands outside of `## Steps` is for readers.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from pathlib import Path
from textwrap import dedent
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.documents.blanks import KNOWN, blanks_in, secrets_in
from bot.documents.library import NAME, shipped
from bot.incident.policy import Policy
from bot.incident.steps import LONGEST_WAIT, MOST_STEPS, Call, Runbook, Step
from bot.strict_yaml import Unreadable, read_front

STEPS = re.compile(r"^##\s+steps\s*$", re.IGNORECASE)
ITEM = re.compile(r"^(?P<number>\d{1,3})[.)](?P<gap>\s+)(?P<text>\S.*)$")
FENCE = re.compile(r"^\s*(?:```|~~~)")
TITLE = re.compile(r"^#\s+(?P<title>\S.*?)\s*$", re.MULTILINE)
ACTION = re.compile(r"<!--\s*action:\s*(?P<key>[\w -]+?)\s*-->")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
KEEPS_SECRETS = re.compile(r"authorization|cookie|token|secret|password|api-?key", re.IGNORECASE)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
RESERVED = frozenset({"done", "skip", "failed", "undo", "run", "show"})
"""Words of the verb: no runbook is called so."""


@dataclass(frozen=True)
class Shelf:
    """Where runbooks are, and what theirs may ask for. `secrets`: by name; what they are is nobody's business here."""

    folder: Path | None = None
    shipped: bool = True
    stale_after_days: int = 180
    plain_http: bool = False
    secrets: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Catalogue:
    """The runbooks that can be used, by name; and a sentence for each thing that is wrong with the others."""

    runbooks: tuple[Runbook, ...] = ()
    problems: tuple[str, ...] = ()


def load_runbooks(shelf: Shelf, policy: Policy) -> Catalogue:
    """All that there are: one's own first, also in the place of Muster's of the same name."""
    files, problems = _files(shelf)
    found: list[Runbook] = []
    for path in sorted(files.values(), key=lambda path: (path.parent != shelf.folder, path.name)):
        try:
            runbook, doubts = _read(path, shelf, policy)
        except _Wrong as wrong:
            problems += [f"{path}: {sentence}" for sentence in wrong.sentences]
        except Unreadable as error:
            problems.append(str(error))
        else:
            found.append(runbook)
            problems += [f"{path}: {sentence}" for sentence in doubts]
    return Catalogue(tuple(found), tuple(problems))


class _Wrong(Exception):
    """A runbook cannot be used as it is."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__(" ".join(self.sentences))


def _listed(value: object) -> object:
    """One thing as a list of one: `services: Checkout`."""
    return [value] if isinstance(value, str | int) else value


Words = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=200)], ...], BeforeValidator(_listed)]
Levels = Annotated[tuple[int, ...], BeforeValidator(_listed)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class _Action(_Part):
    """A call as the front matter has it."""

    name: str = Field(default="", max_length=60)
    method: str = "POST"
    url: str
    headers: dict[str, str] = {}
    body: str = Field(default="", max_length=10_000)
    roles: Words = ()
    timeout: int = Field(default=LONGEST_WAIT, ge=1, le=LONGEST_WAIT)
    confirm: str = Field(default="", max_length=300)


class _Front(_Part):
    """The front matter."""

    title: str = Field(default="", max_length=100)
    owner: str = ""
    reviewed: date | None = None
    services: Words = ()
    alerts: Words = ()
    severity: Levels = ()
    tags: Words = ()
    url: str = ""
    actions: dict[str, _Action] = {}


def _files(shelf: Shelf) -> tuple[dict[str, Path], list[str]]:
    """By name, one's own last, so that they stand in the place of others."""
    folders = [*([shipped("runbooks")] if shelf.shipped else []), *([shelf.folder] if shelf.folder else [])]
    problems = [f"{folder} is no folder of runbooks." for folder in folders if not folder.is_dir()]
    files: dict[str, Path] = {}
    for path in chain.from_iterable(sorted(folder.glob("*.md")) for folder in folders if folder.is_dir()):
        if path.stem == "README":
            continue
        if NAME.fullmatch(path.stem) and path.stem not in RESERVED and not path.stem.isdecimal():
            files[path.stem] = path
        else:
            problems.append(
                f"{path}: a runbook's file is called by small letters, digits and dashes, as in full-disk.md."
            )
    return files, problems


def _read(path: Path, shelf: Shelf, policy: Policy) -> tuple[Runbook, list[str]]:
    """The runbook, and what is wrong with calls of its: their steps are done by hand. Raises _Wrong and Unreadable."""
    told, body = read_front(path)
    try:
        front = _Front.model_validate(told)
    except ValidationError as error:
        raise _Wrong(_explained(e) for e in error.errors(include_input=False)) from None
    items, loose = _items(body)
    if wrong := [*loose, *_front_problems(front, policy), *_step_problems(items, front)]:
        raise _Wrong(wrong)
    doubts = {key: [*_action_problems(action, shelf, policy)] for key, action in front.actions.items()}
    usable = {key: action for key, action in front.actions.items() if not doubts[key]}
    heading = TITLE.search(body)
    runbook = Runbook(
        name=path.stem,
        title=front.title or (heading["title"][:100] if heading else path.stem.replace("-", " ").capitalize()),
        owner=front.owner,
        reviewed=front.reviewed,
        stale_after=shelf.stale_after_days,
        services=front.services,
        alerts=front.alerts,
        severities=front.severity,
        tags=front.tags,
        steps=tuple(_step(number, text, usable) for number, text in enumerate(items, start=1)),
        url=front.url,
    )
    return runbook, [f"actions.{key}: {sentence}" for key, sentences in doubts.items() for sentence in sentences]


def _explained(problem: Mapping[str, Any]) -> str:
    """What pydantic found, as a sentence about the key that is wrong."""
    where = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"there is no key `{where}`."
    if problem["type"].startswith("date"):
        return f"`{where}` should be a day such as 2026-11-21."
    said = str(problem["msg"]).replace("Input should", "should")
    return f"`{where}` {said[0].lower()}{said[1:]}."


def _items(body: str) -> tuple[list[str], list[str]]:
    """The numbered items below `## Steps`, as Markdown, and what is wrong with them."""
    lines = body.splitlines()
    start = next((n for n, line in enumerate(lines) if STEPS.match(line)), None)
    if start is None:
        return [], ["it has no heading `## Steps` with a numbered list below it."]
    items: list[list[str]] = []
    indent, fenced = 0, False
    for line in lines[start + 1 :]:
        if not fenced and line.startswith("#"):
            break
        found = None if fenced else ITEM.match(line)
        fenced ^= bool(FENCE.match(line))
        if found:
            indent = found.end("gap")
            items.append([found["text"]])
        elif items:
            items[-1].append(line[indent:] if not line[:indent].strip() else line.strip())
    return [dedent("\n".join(item)).strip() for item in items], ["a code block is not closed."] if fenced else []


def _front_problems(front: _Front, policy: Policy) -> Iterator[str]:
    known = {s.level for s in policy.severities}
    yield from (f"`severity` {level} is none of yours." for level in front.severity if level not in known)
    if front.url and not _is_web(front.url, plain=True):
        yield "`url` should be a web address."


def _step_problems(items: list[str], front: _Front) -> Iterator[str]:
    if not 1 <= len(items) <= MOST_STEPS:
        yield f"it has {len(items)} steps; 1 to {MOST_STEPS} can be followed, so split a longer one."
    named = [found["key"] for item in items for found in ACTION.finditer(item)]
    for item in items:
        if len(ACTION.findall(item)) > 1:
            yield "a step has one action at most."
    yield from (
        f"a step names the action `{key}`, which is not among `actions`." for key in named if key not in front.actions
    )
    yield from (f"the action `{key}` belongs to no step." for key in front.actions if key not in named)


def _action_problems(action: _Action, shelf: Shelf, policy: Policy) -> Iterator[str]:
    if action.method.upper() not in METHODS:
        yield f"`method` should be one of {', '.join(METHODS)}."
    if not _is_web(action.url, plain=shelf.plain_http):
        yield "`url` should begin with https://" + ("." if shelf.plain_http else " (or set runbooks.plain_http).")
    elif "{" in urlsplit(action.url).netloc:
        yield "`url` should name its host; only what follows can be filled in."
    unknown = {name for text in (action.url, *action.headers.values()) for name in blanks_in(text)} - KNOWN
    yield from (f"nothing is filled in for {{{name}}}." for name in sorted(unknown))
    yield from (f"there is no role `{role}`." for role in action.roles if policy.role(role) is None)
    for name, value in action.headers.items():
        if KEEPS_SECRETS.search(name) and not any(secrets_in(value)):
            yield f"the header {name} should name a secret, as in {{secret:OPS}}, and runbooks.secrets hold it."
    asked = {name for text in (action.url, action.body, *action.headers.values()) for name in secrets_in(text)}
    for name in sorted(asked - {name.casefold() for name in shelf.secrets}):
        yield f"the secret {name} is not set: MUSTER_RUNBOOKS__SECRETS__{name.upper()}."


def _is_web(url: str, *, plain: bool) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in (("http", "https") if plain else ("https",)) and bool(parts.netloc) and url.isprintable()


def _step(number: int, text: str, actions: Mapping[str, _Action]) -> Step:
    named = ACTION.search(text)
    key = named["key"] if named else ""
    action = actions.get(key)
    words = COMMENT.sub("", text).strip()
    return Step(number=number, text=words, action=_call(key, action) if action else None)


def _call(key: str, action: _Action) -> Call:
    return Call(
        name=action.name or key.replace("-", " ").capitalize(),
        method=action.method.upper(),
        url=action.url,
        headers=action.headers,
        body=action.body,
        roles=action.roles,
        timeout=action.timeout,
        confirm=action.confirm,
    )
