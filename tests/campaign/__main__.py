"""The campaigns, each a verb: `python -m tests.campaign kill --runs 500 --seed 7`."""

import typer

from tests.campaign.faults import faults
from tests.campaign.kill import kill
from tests.campaign.replicas import replicas
from tests.campaign.weather import weather

campaign = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)
campaign.command()(kill)
campaign.command()(faults)
campaign.command()(replicas)
campaign.command()(weather)


@campaign.callback()
def _everywhere() -> None:
    """Try to break the promises; whoever does ends with 1 and says how to see it again."""


if __name__ == "__main__":
    campaign()
