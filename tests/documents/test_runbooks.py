"""Runbooks are read from folders; what is wrong with one is said in a sentence that names the file."""

from datetime import date
from pathlib import Path

import pytest

from bot.documents.library import shipped
from bot.documents.runbooks import Catalogue, Shelf, load_runbooks
from bot.incident.policy import Policy
from bot.incident.steps import MOST_STEPS, Runbook

WHOLE = """---
title: Queue backlog
owner: ada@example.com
reviewed: 2026-11-21
services: Checkout*
alerts: ["*queue*", "*backlog*"]
severity: [1, 2]
tags: [kafka]
url: https://wiki.example/queue
actions:
  scale:
    name: Add ten workers
    url: https://ops.example/scale/{service}
    headers: {Authorization: "Bearer {secret:OPS}"}
    body: '{"by": 10, "why": "{incident} {title}"}'
    roles: [commander]
    confirm: Add ten workers?
---
# Not the title

For readers only.

## Steps

1. **Is it still growing?** Two looks, a minute apart:
   ```
   1. rabbitmqctl list_queues
   # no heading
   ```
2. **Add workers.** Ten at a time. <!-- action: scale -->
3. Watch it drain.

   A second paragraph.

## Afterwards

4. This is no step.
"""
PLAIN = "---\n---\n## Steps\n1. Look.\n"


def read(folder: Path, **files: str) -> Catalogue:
    """What is made of these files, none of Muster's own beside them."""
    return load_runbooks(shelf(folder, **files), Policy())


def shelf(folder: Path, **files: str) -> Shelf:
    for name, text in files.items():
        (folder / f"{name.replace('_', '-')}.md").write_text(text, "utf-8")
    return Shelf(folder=folder, shipped=False, secrets={"OPS": "x"})


def the_one(folder: Path, text: str) -> Runbook:
    catalogue = read(folder, it=text)
    assert catalogue.problems == ()
    (found,) = catalogue.runbooks
    return found


def wrong(folder: Path, text: str) -> str:
    """The one thing that is wrong with a runbook, which for that is not used."""
    catalogue = read(folder, it=text)
    assert catalogue.runbooks == ()
    (problem,) = catalogue.problems
    assert str(folder / "it.md") in problem
    return problem


def test_front_matter_and_numbered_steps_become_a_runbook(tmp_path: Path) -> None:
    found = the_one(tmp_path, WHOLE)
    assert (found.name, found.title, found.owner) == ("it", "Queue backlog", "ada@example.com")
    assert (found.reviewed, found.stale_after) == (date(2026, 11, 21), 180)
    assert (found.services, found.alerts) == (("Checkout*",), ("*queue*", "*backlog*"))
    assert (found.severities, found.tags, found.url) == ((1, 2), ("kafka",), "https://wiki.example/queue")
    assert [step.text for step in found.steps] == [
        "**Is it still growing?** Two looks, a minute apart:\n```\n1. rabbitmqctl list_queues\n# no heading\n```",
        "**Add workers.** Ten at a time.",
        "Watch it drain.\n\nA second paragraph.",
    ]
    assert [step.number for step in found.steps] == [1, 2, 3]


def test_a_step_that_names_an_action_carries_its_call(tmp_path: Path) -> None:
    call = the_one(tmp_path, WHOLE).steps[1].action
    assert call is not None
    assert (call.name, call.method, call.url) == ("Add ten workers", "POST", "https://ops.example/scale/{service}")
    assert call.headers == {"Authorization": "Bearer {secret:OPS}"}
    assert (call.roles, call.confirm, call.timeout) == (("commander",), "Add ten workers?", 10)
    assert "{title}" in call.body


def test_a_runbook_without_keys_is_called_after_its_heading_or_its_file(tmp_path: Path) -> None:
    assert the_one(tmp_path, PLAIN).title == "It"
    assert the_one(tmp_path, PLAIN.replace("## Steps", "# Disk is full\n## Steps")).title == "Disk is full"


def test_ones_own_runbook_stands_in_the_place_of_musters(tmp_path: Path) -> None:
    mine = "queue-backlog"
    assert (shipped("runbooks") / f"{mine}.md").is_file()
    (tmp_path / f"{mine}.md").write_text(PLAIN)
    both = load_runbooks(Shelf(folder=tmp_path), Policy())
    assert both.problems == ()
    assert [len(r.steps) for r in both.runbooks if r.name == mine] == [1]
    assert len(both.runbooks) == 6
    assert both.runbooks[0].name == mine


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("title: Queue", "titel: Queue", "there is no key `titel`."),
        ("2026-11-21", "last summer", "`reviewed` should be a day such as 2026-11-21."),
        ("severity: [1, 2]", "severity: [1, 7]", "`severity` 7 is none of yours."),
        ("severity: [1, 2]", "severity: high", "`severity.0` should be a valid integer"),
        ("alerts: [", "alerts: [[], ", "`alerts.0` should be a valid string."),
        ("url: https://wiki.example/queue", "url: the wiki", "`url` should be a web address."),
        ("action: scale -->", "action: scal -->", "a step names the action `scal`, which is not among"),
        ("## Steps", "## What to do", "it has no heading `## Steps`"),
        ("   ```\n2.", "2.", "a code block is not closed."),
        ("tags: [kafka]", "tags: [kafka", "is not valid YAML"),
        ("tags: [kafka]", "tags: &a [kafka]\nalias: *a", "aliases"),
        ("tags: [kafka]", "title: again", "`title` stands there twice (line 8)"),
        ("actions:", "owner2: x\nactions:", "there is no key `owner2`."),
        ("---\n# Not", "--\n# Not", "should begin with front matter"),
    ],
)
def test_what_is_wrong_with_a_runbook_is_said_and_it_is_left_out(tmp_path: Path, was: str, now: str, said: str) -> None:
    assert was in WHOLE
    catalogue = read(tmp_path, it=WHOLE.replace(was, now, 1))
    assert catalogue.runbooks == ()
    assert any(said in problem for problem in catalogue.problems), catalogue.problems
    assert all(str(tmp_path / "it.md") in problem for problem in catalogue.problems)


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("https://ops.example/scale/{service}", "http://ops.example/scale", "should begin with https://"),
        ("https://ops.example/scale/{service}", "file:///etc/passwd", "should begin with https://"),
        ("https://ops.example", "https://{service}.example", "should name its host"),
        ("scale/{service}", "scale/{servcie}", "nothing is filled in for {servcie}."),
        ("Bearer {secret:OPS}", "Bearer abc", "the header Authorization should name a secret"),
        ("{secret:OPS}", "{secret:DEV}", "the secret dev is not set: MUSTER_RUNBOOKS__SECRETS__DEV."),
        ("roles: [commander]", "roles: [king]", "there is no role `king`."),
        ("confirm:", "method: BREW\n    confirm:", "`method` should be one of GET, POST"),
    ],
)
def test_a_call_that_cannot_be_made_is_said_and_its_step_done_by_hand(
    tmp_path: Path, was: str, now: str, said: str
) -> None:
    assert was in WHOLE
    catalogue = read(tmp_path, it=WHOLE.replace(was, now, 1))
    (found,) = catalogue.runbooks
    assert [step.action for step in found.steps] == [None, None, None]
    (problem,) = catalogue.problems
    assert problem.startswith(f"{tmp_path / 'it.md'}: actions.scale: ")
    assert said in problem


def test_a_call_waits_no_longer_than_a_promise_may_take(tmp_path: Path) -> None:
    assert "`actions.scale.timeout`" in wrong(tmp_path, WHOLE.replace("confirm:", "timeout: 31\n    confirm:"))


def test_without_encryption_only_where_the_settings_allow_it(tmp_path: Path) -> None:
    plain = Shelf(folder=tmp_path, shipped=False, plain_http=True, secrets={"OPS": "x"})
    shelf(tmp_path, it=WHOLE.replace("https://ops", "http://ops"))
    assert load_runbooks(plain, Policy()).problems == ()


def test_a_step_has_one_action_and_every_action_a_step(tmp_path: Path) -> None:
    twice = WHOLE.replace("-->", "--> <!-- action: scale -->")
    assert "a step has one action at most." in wrong(tmp_path, twice)
    assert "the action `scale` belongs to no step." in wrong(tmp_path, WHOLE.replace("<!-- action: scale -->", ""))


@pytest.mark.parametrize("count", [0, MOST_STEPS + 1])
def test_a_runbook_has_as_many_steps_as_can_be_followed(tmp_path: Path, count: int) -> None:
    text = PLAIN.replace("1. Look.\n", "".join(f"{n}. Look.\n" for n in range(1, count + 1)))
    assert f"it has {count} steps; 1 to 20" in wrong(tmp_path, text)


@pytest.mark.parametrize("name", ["Full Disk", "done", "7", "a" * 60])
def test_a_file_that_could_not_be_typed_as_a_name_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.md").write_text(PLAIN)
    found = load_runbooks(Shelf(folder=tmp_path, shipped=False), Policy())
    assert found.runbooks == ()
    assert "small letters, digits and dashes" in found.problems[0]


def test_a_folder_that_is_not_there_and_a_file_that_is_no_text_are_told(tmp_path: Path) -> None:
    assert (
        "is no folder of runbooks" in load_runbooks(Shelf(folder=tmp_path / "x", shipped=False), Policy()).problems[0]
    )
    (tmp_path / "it.md").write_bytes(b"\xff\xfe---\n")
    assert "is no UTF-8 text" in load_runbooks(Shelf(folder=tmp_path, shipped=False), Policy()).problems[0]


def test_a_readme_among_them_is_for_readers(tmp_path: Path) -> None:
    assert read(tmp_path, README="hello") == Catalogue()


def test_one_that_is_wrong_leaves_the_others_in_use(tmp_path: Path) -> None:
    found = read(tmp_path, one=PLAIN, other="hello")
    assert [r.name for r in found.runbooks] == ["one"]
    assert len(found.problems) == 1
