"""What is remembered and read: people, services, channels, incidents, and who may see them."""

from sqlalchemy import text

from bot.engine.tables import EffectState
from bot.incident.people import KnownService, OnCall, Person
from bot.incident.values import MUSTER
from tests.engine.conftest import House
from tests.engine.toys import ADA, BOB, NOON, Open, Say, Write

LOVELACE = Person(slack="UADA", name="Ada Lovelace", email="ada@example.com", zone="Europe/London")
ON_CALL = Person(pagerduty="PADA", name="A. Lovelace", email="Ada@example.com", phones=("+44 1",))


async def test_one_human_in_two_systems_is_one_person(house: House) -> None:
    async with house.process() as engine:
        await engine.directory.remember_people([LOVELACE])
        await engine.directory.remember_people([ON_CALL])
    async with house.process() as engine:
        ada = engine.directory.by_pagerduty("PADA")
        assert ada is not None
        assert (ada.slack, ada.name, ada.zone, ada.phones) == ("UADA", "Ada Lovelace", "Europe/London", ("+44 1",))
        assert engine.directory.by_slack("UADA") == ada
        assert engine.directory.by_email("ADA@EXAMPLE.COM") == ada
        assert engine.directory.person_of(ADA) == ada
        assert engine.directory.people() == (ada,)
        assert engine.directory.by_slack("UNOBODY") is None


async def test_someone_known_to_the_pager_first_is_found_by_their_chat_name_later(house: House) -> None:
    async with house.process() as engine:
        await engine.directory.remember_people([ON_CALL])
        await engine.directory.remember_people([LOVELACE])
        rows = await engine.database.read(lambda c: c.execute(text("SELECT id FROM person")).scalars().all())
        assert rows == ["slack:UADA"]
        ada = engine.directory.by_slack("UADA")
        assert ada is not None
        assert ada.pagerduty == "PADA"


async def test_whoever_matches_nobody_says_who_they_are(house: House) -> None:
    async with house.process() as engine:
        await engine.directory.remember_people([LOVELACE, ON_CALL.model_copy(update={"email": "other@example.com"})])
        assert await engine.directory.link("UADA", "PADA") is not None
        assert await engine.directory.link("UNOBODY", "PADA") is None
    async with house.process() as engine:
        ada = engine.directory.by_pagerduty("PADA")
        assert ada is not None
        assert (ada.slack, ada.phones) == ("UADA", ("+44 1",))


async def test_what_did_not_change_is_not_written_again(house: House) -> None:
    async with house.process() as engine:
        await engine.directory.remember_people([LOVELACE])
        await engine.directory.remember_people([LOVELACE])
        await engine.directory.remember_people([])
        assert engine.directory.people() == (LOVELACE,)


async def test_services_and_their_on_call_are_remembered(house: House) -> None:
    night = OnCall(service="PSVC", level=1, pagerduty="PADA", name="Ada")
    checkout = KnownService(id="PSVC", name="Checkout", on_call=(night,), seen_at=NOON)
    search = KnownService(id="PSRC", name="a search", seen_at=NOON)
    async with house.process() as engine:
        await engine.directory.remember_services([checkout, search])
        await engine.directory.remember_services([])
    async with house.process() as engine:
        directory = engine.directory
        assert directory.services() == (search, checkout)
        assert directory.service("PSVC") == checkout
        assert directory.on_call("PSVC") == (night,)
        assert directory.on_call("PNONE") == ()


async def test_a_private_incident_is_seen_only_by_who_is_in_it(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(title="public"), ADA)
        await engine.handle(Open(title="private", private=True), ADA)
        read = engine.reading
        assert [i.number for i in await read.open_incidents(BOB)] == [1]
        assert [i.number for i in await read.open_incidents(ADA)] == [2, 1]
        assert [i.number for i in await read.recent(MUSTER)] == [2, 1]
        assert [i.number for i in await read.recent(BOB)] == [1]
        assert await read.incident(2, BOB) is None
        assert await read.history(2, BOB) == []
        assert await read.incident(2, ADA) is not None


async def test_someone_whose_id_is_part_of_anothers_sees_nothing(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(title="private", private=True), ADA)
        shorter = BOB.model_copy(update={"id": ADA.id[:-1]})
        wild = BOB.model_copy(update={"id": "slack:%"})
        assert await engine.reading.recent(shorter) == []
        assert await engine.reading.recent(wild) == []


async def test_documents_have_versions(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        await engine.handle(Write(incident=1, body="first"), ADA)
        await engine.handle(Write(incident=1, body="second"), BOB)
        found = await engine.reading.document(1, "report")
        assert found is not None
        assert (found.version, found.body, found.by, found.seq) == (2, "second", "Bob", 3)
        assert await engine.reading.document(1, "nothing") is None


async def test_the_set_up_shows_steps_and_what_is_not_kept_yet(house: House) -> None:
    async with house.process() as engine:
        await engine.handle(Open(), ADA)
        async with house.outbox(engine) as outbox:
            await outbox.idle()
        await engine.handle(Say(incident=1, text="hello"), ADA)
        steps = {step.kind: step for step in await engine.reading.setup(1)}
        assert steps["test_make_room"].state is EffectState.KEPT
        assert steps["test_make_room"].step == "test make room"
        assert steps["test_post"].state is EffectState.WAITING


async def test_health_tells_how_much_waits_and_since_when(house: House) -> None:
    async with house.process() as engine:
        assert (await engine.reading.health()).inbox_age == 0.0
        await engine.handle(Open(), ADA)
        await engine.hear("toy", "k", "g", b"x")
        house.clock.forward(30)
        health = await engine.reading.health()
        assert health.inbox == {"waiting": 1}
        assert health.effects == {"waiting": 1, "needing": 1}
        assert (health.inbox_age, health.effect_age) == (30.0, 30.0)


async def test_what_does_not_exist_is_not_found(house: House) -> None:
    async with house.process() as engine:
        assert await engine.reading.incident(1) is None
        assert await engine.reading.incident_by_ref("slack", "channel", "C1") is None
        assert await engine.reading.alert("pagerduty", "P1") is None
        assert await engine.reading.alerts(1) == []
        assert engine.directory.incident_of_channel("C1") is None


async def test_a_reading_never_undoes_what_was_saved_while_it_read(house: House) -> None:
    async with house.process() as engine:
        for n in range(15):
            engine.directory.reload_soon()
            engine.directory.reload_soon()
            await engine.directory.remember_people([Person(slack=f"U{n}", name=f"Nr {n}")])
            await engine.directory.settle()
            assert engine.directory.by_slack(f"U{n}") is not None
