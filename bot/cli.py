"""The verbs of `muster`, declared; what they do is imported when they are called, so that help is there at once."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot import __version__
from bot.terminal.problem import Problem

app = typer.Typer(
    name="muster",
    help="An incident-response ChatOps bot: PagerDuty alerts in, Slack war rooms, a timeline, a blameless draft out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # their tracebacks show local variables, and so secrets
    rich_markup_mode=None,  # saves a quarter of the time that help takes
)
config = typer.Typer(help="Check, show or describe the settings.", no_args_is_help=True)
outbox = typer.Typer(help="What was promised and is not done yet.", no_args_is_help=True)
inbox = typer.Typer(help="What was heard and could not be handled yet.", no_args_is_help=True)
simulate = typer.Typer(help="Send a running bot what an outside system would send.", no_args_is_help=True)
for name, group in (("config", config), ("outbox", outbox), ("inbox", inbox), ("simulate", simulate)):
    app.add_typer(group, name=name)

MOST = 2**63 - 1
"""What a database can count to."""
Id = Annotated[int, typer.Argument(metavar="ID", min=1, max=MOST)]
Incident = Annotated[str, typer.Argument(metavar="INC-42", help="The incident.")]
Private = Annotated[bool, typer.Option("--private", help="It is private, and I may read it.")]


@app.callback()
def _everywhere(
    file: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="Another file than ./muster.yaml.")
    ] = None,
) -> None:
    if file is not None:
        os.environ["MUSTER_CONFIG"] = str(file)


@app.command()
def serve(
    role: Annotated[
        str, typer.Option(help="all · web (hears only) · worker (acts only); to split them needs PostgreSQL.")
    ] = "all",
) -> None:
    """Run the bot: HTTP, Slack, worker and clock in one process."""
    from bot.terminal.memory import without_colours

    without_colours()
    from bot.terminal.serve import serve

    serve(role)


@app.command()
def demo(
    script: Annotated[
        bool, typer.Option("--script", help="Play a whole incident by itself and check how it ends.")
    ] = False,
    port: Annotated[
        int | None, typer.Option(help="Where the page is: 3333 or the next free one; 0 picks any.", min=0, max=65535)
    ] = None,
) -> None:
    """Try it in the browser, without any account."""
    if script:
        from bot.terminal.story import play

        play(port or 0)
        return
    print("A Slack workspace and a PagerDuty account come up, and the bot …", flush=True)
    from bot.terminal.demo import demo

    demo(port)


@app.command()
def sandbox(
    port: Annotated[
        int | None, typer.Option(help="Where it listens: 3333 or the next free one; 0 picks any.", min=0, max=65535)
    ] = None,
    seed: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Whom and what it has besides its own people (YAML).")
    ] = None,
) -> None:
    """The demo's Slack and PagerDuty alone, for any bot."""
    from bot.terminal.sandbox import sandbox

    sandbox(port, seed)


@app.command()
def doctor(
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    within: Annotated[float, typer.Option(metavar="SECONDS", help="How long it may take.", min=1)] = 20,
) -> None:
    """Look at everything and say what to do."""
    from bot.terminal.doctor import doctor

    doctor(as_json=json, within=within)


@app.command()
def manifest(
    url: Annotated[
        str, typer.Option(help="Where Slack reaches the bot (HTTP mode), such as https://muster.example.com.")
    ] = "",
) -> None:
    """Print the Slack app manifest to create the app from."""
    from bot.terminal.manifest import manifest

    manifest(url)


@app.command()
def migrate() -> None:
    """Create or update the database."""
    from bot.terminal.hands import migrate

    migrate()


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the copy goes.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite FILE.")] = False,
) -> None:
    """Copy the database into a file, beside a running bot (SQLite)."""
    from bot.terminal.copies import backup

    backup(file, force=force)


@app.command()
def restore(file: Annotated[Path, typer.Argument(metavar="FILE", help="What `muster backup` made.")]) -> None:
    """Put a backup in the database's place; the present one is kept (SQLite)."""
    from bot.terminal.copies import restore

    restore(file)


@app.command("copy-database")
def copy_database(
    source: Annotated[str, typer.Argument(metavar="FROM", help="Such as sqlite:////var/lib/muster/muster.db.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="Such as postgresql://user@host/name; a new one.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look whether it could be done.")] = False,
) -> None:
    """Copy everything into a new database, SQLite to PostgreSQL or back, and compare it row by row."""
    from bot.terminal.copies import copy_database

    copy_database(source, target, dry_run=dry_run)


@app.command()
def timeline(
    incident: Incident,
    json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
    format: Annotated[str, typer.Option("--format", help="As a whole file: md, csv or json.")] = "",
    private: Private = False,
) -> None:
    """Print an incident's timeline."""
    from bot.terminal.reading import export, timeline

    if format:
        export(incident, format, private=private)
    else:
        timeline(incident, as_json=json, private=private)


@app.command()
def postmortem(
    incident: Incident,
    fresh: Annotated[bool, typer.Option("--fresh", help="Render it now instead of printing the kept version.")] = False,
    private: Private = False,
) -> None:
    """Print an incident's postmortem draft."""
    from bot.terminal.reading import postmortem

    postmortem(incident, fresh=fresh, private=private)


@app.command()
def replay(
    entry: Annotated[
        int | None, typer.Argument(metavar="ID", min=1, max=MOST, help="The inbox entry (`muster inbox list`).")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every parked entry.")] = False,
) -> None:
    """Handle a parked inbox entry again, after the mend."""
    from bot.terminal.hands import replay

    replay(entry, everything=everything)


@app.command()
def version() -> None:
    """Print the version."""
    print(__version__)


@config.command("check")
def config_check() -> None:
    """Say what is wrong or missing."""
    from bot.terminal.config import check

    check()


@config.command("show")
def config_show() -> None:
    """Print the settings that hold, secrets masked."""
    from bot.terminal.config import show

    show()


@config.command("schema")
def config_schema() -> None:
    """Print the JSON schema of muster.yaml, for editors."""
    from bot.terminal.config import schema

    schema()


@outbox.command("list")
def outbox_list() -> None:
    """Print the promises that are not kept yet, with their reasons."""
    from bot.terminal.reading import outbox_list

    outbox_list()


@outbox.command("retry")
def outbox_retry(effect: Id) -> None:
    """Try a parked promise again."""
    from bot.terminal.hands import outbox_retry

    outbox_retry(effect)


@outbox.command("drop")
def outbox_drop(effect: Id) -> None:
    """Give a parked promise up for good; what waits behind it goes on."""
    from bot.terminal.hands import outbox_drop

    outbox_drop(effect)


@inbox.command("list")
def inbox_list() -> None:
    """Print what is parked, with its reason."""
    from bot.terminal.reading import inbox_list

    inbox_list()


@inbox.command("drop")
def inbox_drop(entry: Id) -> None:
    """Give a parked entry up for good."""
    from bot.terminal.hands import inbox_drop

    inbox_drop(entry)


@simulate.command("pagerduty")
def simulate_pagerduty(
    event: Annotated[str, typer.Argument(metavar="EVENT", help="Such as incident.triggered or incident.resolved.")],
    title: Annotated[str, typer.Option()] = "Simulated: checkout answers with errors",
    service: Annotated[str, typer.Option()] = "checkout",
    priority: Annotated[str, typer.Option(help="P1 … P5, or nothing.")] = "P1",
    urgency: Annotated[str, typer.Option(help="high or low.")] = "high",
    incident: Annotated[str, typer.Option(help="The id of an earlier one, to go on with it.")] = "",
    note: Annotated[str, typer.Option(help="The words of incident.annotated.")] = "Looking at it",
    url: Annotated[str, typer.Option(help="Another bot than the one on this machine.")] = "",
) -> None:
    """Send a signed PagerDuty webhook."""
    from bot.terminal.config import settings
    from bot.terminal.simulate import Wish, send

    send(Wish(event, title, service, priority, urgency, incident, note), settings(), url)


def main() -> None:
    """Runs the verb; what it cannot do is said in plain sentences, with exit code 1 or 2."""
    try:
        app()
    except Problem as problem:
        for sentence in problem.sentences:
            print(sentence, file=sys.stderr)
        sys.exit(problem.code)
    except BrokenPipeError:  # `muster timeline INC-1 | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)
