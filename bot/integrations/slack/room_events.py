"""What happens to a room in Slack without a command: who comes and goes, and that it is renamed, archived or opened."""

from collections.abc import Mapping, Sequence

from bot.engine.inbox import Heard, Said
from bot.incident import RecordArchived, RecordMember, RecordRename
from bot.incident.people import Person
from bot.incident.values import MUSTER
from bot.integrations.slack.hearing import Ears, Happening, hears
from bot.integrations.slack.lanes import SYSTEM
from bot.integrations.slack.verbs import House


async def _of_a_room(house: House, event: Happening) -> bool:
    """Slack tells of every public channel, whether we are in it or not."""
    return await _incident(house, event) is not None


@hears("member_joined_channel", wanted=_of_a_room)
async def joined(ears: Ears, event: Happening, heard: Heard) -> Sequence[Said]:
    """Someone came into a room: known now, they need not wait when they act."""
    return await _membership(ears, event, here=True)


@hears("member_left_channel", wanted=_of_a_room)
async def left(ears: Ears, event: Happening, heard: Heard) -> Sequence[Said]:
    """Someone left a room, or was taken out of it."""
    return await _membership(ears, event, here=False)


@hears("channel_rename", wanted=_of_a_room)
@hears("group_rename", wanted=_of_a_room)
async def renamed(ears: Ears, event: Happening, heard: Heard) -> Sequence[Said]:
    """A room is called otherwise, by us or by hand: Slack does not say by whom."""
    number, described = await _incident(ears.house, event), event.get("channel")
    name = described.get("name") if isinstance(described, Mapping) else None
    if number is None or not isinstance(name, str) or not name:
        return []
    return [Said(RecordRename(incident=number, channel=_channel(event), name=name), MUSTER)]


@hears("channel_archive", wanted=_of_a_room)
@hears("group_archive", wanted=_of_a_room)
async def archived(ears: Ears, event: Happening, heard: Heard) -> Sequence[Said]:
    return await _archived(ears, event, archived=True)


@hears("channel_unarchive", wanted=_of_a_room)
@hears("group_unarchive", wanted=_of_a_room)
async def unarchived(ears: Ears, event: Happening, heard: Heard) -> Sequence[Said]:
    return await _archived(ears, event, archived=False)


async def _membership(ears: Ears, event: Happening, *, here: bool) -> Sequence[Said]:
    number, person = await _incident(ears.house, event), await _person(ears, event)
    if here and number is not None and person is not None and await _is_us(ears, person):
        return await _let_in(ears, event, number)
    if number is None or person is None or person.bot:
        return []
    wish = RecordMember(
        incident=number, channel=_channel(event), person=person.actor, here=here, external=person.external
    )
    return [Said(wish, person.actor)]


async def _is_us(ears: Ears, person: Person) -> bool:
    return person.slack == (await ears.people.workspace()).user


async def _let_in(ears: Ears, event: Happening, number: int) -> Sequence[Said]:
    """Somebody let us into a room again: it is not archived, of which we hear nothing where it is private."""
    inviter = event.get("inviter")
    person = await ears.people.find(inviter) if isinstance(inviter, str) and inviter else None
    return (
        [Said(RecordArchived(incident=number, channel=_channel(event), archived=False), person.actor)] if person else []
    )


async def _archived(ears: Ears, event: Happening, *, archived: bool) -> Sequence[Said]:
    """By a person, or another app that tidies up. What we did ourselves Bolt drops; it is on record as done anyway."""
    number = await _incident(ears.house, event)
    if number is None:
        return []
    person = await _person(ears, event)
    wish = RecordArchived(incident=number, channel=_channel(event), archived=archived)
    return [Said(wish, person.actor if person else MUSTER)]


async def _person(ears: Ears, event: Happening) -> Person | None:
    user = event.get("user")
    return await ears.people.find(user) if isinstance(user, str) and user else None


async def _incident(house: House, event: Happening) -> int | None:
    """Of a room that another process has just opened only the database knows."""
    number = house.directory.incident_of_channel(_channel(event))
    if number is not None:
        return number
    found = await house.reading.incident_by_ref(SYSTEM, "channel", _channel(event))
    return found.number if found else None


def _channel(event: Happening) -> str:
    """The channel's id: renamed channels are told as objects (https://docs.slack.dev/reference/events/channel_rename)."""
    channel = event.get("channel")
    return str(channel.get("id") if isinstance(channel, Mapping) else channel)
