"""What happens in a night of private incidents.

Whatever is said once everybody is out who shall be out holds SECRET. Who may see what:

* INC-1 is private from the start. Dev was let in, and left before anything secret was said.
* INC-2 was open to all, with Carla in its room and Emi the owner of its runbook; then it became private.
* INC-3 is open; it goes on in INC-1 in the end. INC-4 is open and stays so.
* INC-5 was split off INC-1.
"""

from bot.incident import (
    AddLink,
    AddNote,
    AskForDraft,
    Declare,
    Edit,
    EditUpdate,
    ExportTimeline,
    Follow,
    GiveTask,
    JoinAlert,
    MakePrivate,
    Merge,
    OpenRunbook,
    PageOut,
    PostUpdate,
    RedactEntry,
    Resolve,
    RunAction,
    SetSeverity,
    SplitOff,
    TickStep,
)
from bot.incident.exports import Format
from bot.incident.steps import Outcome
from tests.privacy.stage import BO, BOOK, CALL, CARLA, CHECKOUT, DEV, EMI, ON_CALL, PAGE, SEARCH, Night

SECRET = "Umbrella"
QUIET = "Quiet matter"
"""What INC-1 is called: a secret, too, but known to Dev."""


async def told(night: Night) -> None:
    """The whole night."""
    await _it_begins(night)
    await _people_come(night)
    await night.kept()
    await _people_are_out(night)
    await _secrets_are_said(night)
    await night.kept()
    await _two_become_one(night)
    await night.passes(minutes=240)
    await night.kept()


async def _it_begins(night: Night) -> None:
    await night.ask(Declare(title=QUIET, severity=2, private=True, services=(CHECKOUT,)))
    await night.ask(Declare(title="Keys leaked", severity=3, services=(SEARCH,)))
    await night.ask(Declare(title="Cart is slow", severity=3), Declare(title="Payments are down", severity=3))
    await night.kept()


async def _people_come(night: Night) -> None:
    await night.enters(DEV, 1)
    await night.enters(CARLA, 2)
    await night.enters(CARLA, 3)
    await night.ask(Follow(incident=1), by=DEV)
    await night.ask(Follow(incident=2), Follow(incident=3), by=CARLA)
    await night.ask(PostUpdate(incident=1, condition="We look"), PostUpdate(incident=2, condition="We look"))
    await night.ask(OpenRunbook(incident=2, runbook=BOOK, owner=EMI.actor), AskForDraft(incident=2))
    for alert, service in (("Q1", CHECKOUT), ("Q2", CHECKOUT), ("Q3", SEARCH)):
        await night.fires(alert, f"{service.name} answers late", service)
    await night.ask(*(JoinAlert(incident=n, source="pagerduty", alert=a) for n, a in ((1, "Q1"), (1, "Q2"), (2, "Q3"))))


async def _people_are_out(night: Night) -> None:
    """What was promised to Dev while he was in, and for the room that INC-2 leaves, is still to be done."""
    await night.enters(DEV, 1, here=False)
    await night.enters(DEV, 1)
    await night.ask(ExportTimeline(incident=1, format=Format.MARKDOWN), by=DEV)
    await night.enters(DEV, 1, here=False)
    await night.ask(AskForDraft(incident=2), MakePrivate(incident=2))


async def _secrets_are_said(night: Night) -> None:
    for n in (1, 2):
        await night.ask(
            Edit(incident=n, title=f"{SECRET} {n}", summary=f"It is {SECRET}"),
            AddNote(incident=n, text=f"It was {SECRET}"),
            EditUpdate(incident=n, entry=await night.entry(n, "update_posted"), condition=f"We look at {SECRET}"),
            PostUpdate(incident=n, condition=f"{SECRET} looks, too"),
            GiveTask(incident=n, text=f"Call {SECRET}", to=BO.actor),
            AddLink(incident=n, url=PAGE, title=SECRET),
            SetSeverity(incident=n, to=1),
            PageOut(incident=n, target=ON_CALL, level=2, why=f"{SECRET} knows"),
        )
    await night.ask(
        TickStep(incident=2, run=1, step=1, outcome=Outcome.FAILED, note=f"{SECRET} has the index"),
        RunAction(incident=2, run=1, step=2, call=CALL),
        SplitOff(incident=1, source="pagerduty", alert="Q2"),
        RedactEntry(incident=2, entry=await night.entry(2, "noted")),
    )


async def _two_become_one(night: Night) -> None:
    await night.ask(Merge(incident=3, into=1))
    await night.fires("Q4", "Checkout is down", CHECKOUT)
    await night.ask(Resolve(incident=2, words_said=f"{SECRET} is gone"))
