"""The README says what is so. Run as a program, this writes its table of commands anew."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from bot.cli import app
from bot.incident.policy import Policy
from bot.integrations.slack.commands import in_order
from bot.sandbox.seed_file import Seed
from bot.settings import Settings, known_variables

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
MARKED = re.compile(r"(<!-- commands:[^\n]*-->\n).*?(<!-- /commands -->)", re.DOTALL)


def table() -> str:
    rows = ["| verb | does |", "|---|---|"]
    for verb in in_order():
        usage = f" {verb.usage_in(Policy())}".replace("|", "\\|").rstrip()
        aliases = f" ({', '.join(f'`{alias}`' for alias in verb.aliases)})" if verb.aliases else ""
        rows.append(f"| `{verb.name}{usage}`{aliases} | {verb.help} |")
    return "\n".join(rows) + "\n"


def written(text: str) -> str:
    return MARKED.sub(lambda found: found[1] + table() + found[2], text)


def readme() -> str:
    return README.read_text("utf-8")


def test_the_table_of_commands_is_the_verbs_own() -> None:
    assert MARKED.search(readme())
    assert readme() == written(readme()), "`python tests/test_readme.py` writes it anew"


def test_every_file_that_is_named_is_there() -> None:
    named = set(re.findall(r"`((?:bot|tests|templates)/[\w/.*-]+)`", readme()))

    assert len(named) > 20
    assert [path for path in named if not list(ROOT.glob(path))] == []


def test_every_test_that_is_said_to_break_is_there() -> None:
    told = (ROOT / "tests" / "README.md").read_text("utf-8")
    named = set(re.findall(r"`([a-z]\w*/[\w/]*(?:\.py)?|\w+\.py)`", told)) - {"bot/sandbox/", "engine/"}
    run = {module.replace(".", "/") for module in re.findall(r"python -m (tests(?:\.\w+)+)", told)}

    assert len(named) > 30
    assert [path for path in named if not list(ROOT.glob(path)) + list((ROOT / "tests").glob(path))] == []
    assert [m for m in run if not (ROOT / m / "__main__.py").exists() and not (ROOT / f"{m}.py").exists()] == []


def test_every_variable_that_is_named_exists() -> None:
    named = set(re.findall(r"`(MUSTER_\w+)", readme()))

    assert len(named) > 10
    assert named <= set(known_variables())


def shown_in_yaml() -> list[dict[str, Any]]:
    return [yaml.safe_load(shown) for shown in re.findall(r"```yaml\n(.*?)```", readme(), re.DOTALL)]


def test_the_seed_of_a_sandbox_and_the_settings_can_be_used() -> None:
    seed, policy = shown_in_yaml()

    assert [person.name for person in Seed.model_validate(seed).people] == ["gil", "ola"]
    settings = Settings(**policy)
    assert [rule.action for rule in settings.policy.rules] == ["open", "open", "triage", "keep"]


def test_every_verb_of_the_command_line_is_there() -> None:
    names = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
    names += [group.name for group in app.registered_groups if group.name]

    assert len(names) > 10
    assert [name for name in names if not re.search(rf"`muster[^`\n]*\b{name}\b|· `{name}\b", readme())] == []


def test_nothing_of_the_machine_it_was_made_on_is_in_the_repository() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    places = re.compile("/" + r"(?:work|root|home|tmp)/\w|file:" + "//|-e " + "/")
    pinned = (ROOT / "constraints.txt").read_text()

    assert not re.search(r"://|@|^-e|muster", pinned, re.MULTILINE)
    assert [
        name for name in listed if name.endswith((".md", ".txt", ".toml", "run")) and places.search(_text(name))
    ] == []


def _text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


if __name__ == "__main__":
    README.write_text(written(readme()), "utf-8")
    sys.stdout.write("README.md is up to date.\n")
