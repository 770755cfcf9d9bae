"""Settings are read once, from one file under the environment, and every wrong word is explained."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from bot.incident.policy import Action
from bot.settings import Misconfigured, Settings, known_variables, load, unknown_variables, variable, without_password

FIXED = [
    "MUSTER_DATABASE_URL",
    "MUSTER_HTTP__PORT",
    "MUSTER_SLACK__MODE",
    "MUSTER_SLACK__BASE_URL",
    "MUSTER_SLACK__BOT_TOKEN",
    "MUSTER_SLACK__APP_TOKEN",
    "MUSTER_SLACK__SIGNING_SECRET",
    "MUSTER_SLACK__ANNOUNCE_CHANNEL",
    "MUSTER_PAGERDUTY__BASE_URL",
    "MUSTER_PAGERDUTY__API_TOKEN",
    "MUSTER_PAGERDUTY__FROM_EMAIL",
    "MUSTER_PAGERDUTY__WEBHOOK_SECRETS",
]
CANARY = "canary-of-a-secret"
Write = Callable[[str], Path]


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (*known_variables(), "PORT", "MUSTER_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str) -> Path:
        path = tmp_path / "muster.yaml"
        path.write_text(text, "utf-8")
        return path

    return written


def problems(file: Path | None = None) -> tuple[str, ...]:
    with pytest.raises(Misconfigured) as caught:
        load(file)
    return caught.value.problems


def test_the_names_that_were_promised_exist() -> None:
    assert set(FIXED) <= set(known_variables())


def test_without_anything_set_the_defaults_hold() -> None:
    settings = load()

    assert settings.database_url.startswith("sqlite:///")
    assert settings.database_url.endswith("muster.db")
    assert (settings.slack.mode, settings.http.port) == ("socket", 8080)
    assert settings.policy.rules[0].action is Action.OPEN


def test_the_environment_wins_over_the_file_and_leaves_the_rest_of_its_group(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("slack: {mode: http, announce_channel: '#calm'}\npolicy: {group_within: 30, default_severity: 4}")
    monkeypatch.setenv("MUSTER_SLACK__ANNOUNCE_CHANNEL", "#storm")
    monkeypatch.setenv("MUSTER_POLICY__GROUP_WITHIN", "5")

    settings = load()

    assert (settings.slack.mode, settings.slack.announce_channel) == ("http", "#storm")
    assert (settings.policy.group_within, settings.policy.default_severity) == (5, 4)


def test_port_is_heard_but_our_own_name_for_it_wins(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write("http: {port: 1}")
    monkeypatch.setenv("PORT", "2")
    assert load().http.port == 2

    monkeypatch.setenv("MUSTER_HTTP__PORT", "3")
    assert load().http.port == 3


def test_an_empty_variable_sets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_HTTP__PORT", "")

    assert load().http.port == 8080


def test_several_webhook_secrets_come_as_a_json_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_PAGERDUTY__WEBHOOK_SECRETS", '["old-secret", "new-secret"]')

    assert load().secrets == ("old-secret", "new-secret")


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("xoxb-from-a-file\n")
    (tmp_path / "secrets").write_text("old-secret\nnew-secret\n")
    monkeypatch.setenv("MUSTER_SLACK__BOT_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("MUSTER_PAGERDUTY__WEBHOOK_SECRETS_FILE", str(tmp_path / "secrets"))

    assert load().secrets == ("xoxb-from-a-file", "old-secret", "new-secret")


def test_a_secret_given_twice_is_asked_about(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MUSTER_SLACK__BOT_TOKEN", CANARY)
    monkeypatch.setenv("MUSTER_SLACK__BOT_TOKEN_FILE", str(tmp_path / "token"))

    assert problems() == ("Both MUSTER_SLACK__BOT_TOKEN and MUSTER_SLACK__BOT_TOKEN_FILE are set; set one of them.",)


def test_a_missing_secret_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MUSTER_SLACK__BOT_TOKEN_FILE", str(tmp_path / "gone"))

    assert problems() == (
        f"MUSTER_SLACK__BOT_TOKEN_FILE: {tmp_path / 'gone'} cannot be read: No such file or directory.",
    )


def test_every_problem_is_told_at_once_with_its_place_and_never_with_the_value(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(f"slack: {{mod: {CANARY}}}\nhttp: {{port: 99999}}\npolicy: {{rules: [{{action: open}}]}}")
    monkeypatch.setenv("MUSTER_SLACK__MODE", CANARY)
    monkeypatch.setenv("MUSTER_PAGERDUTY__API_KEY", CANARY)

    told = problems(file)

    assert f"{file}: slack.mod: there is no such setting. Did you mean slack.mode?" in told
    assert f"{file}: http.port: should be less than or equal to 65535." in told
    assert "MUSTER_SLACK__MODE: should be 'socket' or 'http'." in told
    assert any(line.startswith("MUSTER_PAGERDUTY__API_KEY: there is no such setting.") for line in told)
    assert any("policy.rules.0: a rule that opens an incident names its severity" in line for line in told)
    assert len(told) == 5
    assert CANARY not in " ".join(told)


def test_a_list_that_is_no_json_is_named_and_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_PAGERDUTY__WEBHOOK_SECRETS", CANARY)

    assert problems() == ('MUSTER_PAGERDUTY__WEBHOOK_SECRETS should be JSON, such as ["one", "two"] for a list.',)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &x [1]\nb: *x", "aliases (*name) are not read"),
        ("a: &x [1, 2]\nb: &y [*x, *x]\nc: [*y, *y]", "aliases (*name) are not read"),
        ("[" * 5000, "nested too deeply"),
        ("http: {port: 1}\nhttp: {port: 2}", "`http` stands there twice (line 2)"),
        ("a: [1", "(line"),
        ("!!python/object/apply:os.system [true]", "could not determine a constructor"),
        ("x: 2026-99-99", "month must be in 1..12"),
        ("? [a]\n: b", "unhashable"),
        ("just words", "should hold settings by name"),
        ("- a\n- b", "should hold settings by name"),
        ("1: 2", "should hold settings by name"),
        ("a: " + "9" * 5000, "is not valid YAML"),
        ("#" * 300_000, "is larger than 256 KB"),
        ("a: \x00", "is not valid YAML"),
    ],
)
def test_a_file_that_is_no_plain_yaml_is_refused_in_one_sentence(write: Write, text: str, said: str) -> None:
    told = problems(write(text))

    assert len(told) == 1
    assert said in told[0]
    assert "\n" not in told[0]


def test_a_file_that_was_asked_for_and_is_not_there_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert problems(tmp_path / "other.yaml") == (f"There is no file {tmp_path / 'other.yaml'}.",)

    monkeypatch.setenv("MUSTER_CONFIG", "nowhere.yaml")
    assert problems() == ("There is no file nowhere.yaml.",)


def test_an_empty_file_is_no_problem(write: Write) -> None:
    assert load(write("# nothing yet\n")) == load(None)


def test_a_variable_with_a_typo_is_reported_and_kubernetes_own_are_not() -> None:
    told = unknown_variables(
        {
            "MUSTER_SLAK__BOT_TOKEN": CANARY,
            "MUSTER_SLACK__BOT_TOKEN": CANARY,
            "MUSTER_SLACK__BOT_TOKEN_FILE": "x",
            "MUSTER_PORT_8080_TCP_ADDR": "10.0.0.1",
            "MUSTER_SERVICE_HOST": "10.0.0.1",
            "MUSTER_CONFIG": "x",
            "HOME": "x",
        }
    )

    assert told == ["MUSTER_SLAK__BOT_TOKEN sets nothing. Did you mean MUSTER_SLACK__BOT_TOKEN?"]


def test_what_is_shown_masks_every_secret_and_reads_back_as_yaml(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLACK__BOT_TOKEN", "SLACK__APP_TOKEN", "SLACK__SIGNING_SECRET", "PAGERDUTY__API_TOKEN"):
        monkeypatch.setenv(f"MUSTER_{name}", f"{CANARY}-{name}")
    monkeypatch.setenv("MUSTER_PAGERDUTY__WEBHOOK_SECRETS", f'["{CANARY}"]')
    monkeypatch.setenv("MUSTER_DATABASE_URL", f"postgresql://muster:{CANARY}@db/muster")
    monkeypatch.setenv("MUSTER_WATCH__ROUTING_KEY", "canaryofasecret".ljust(32, "0"))
    monkeypatch.setenv("MUSTER_WATCH__HEARTBEAT_URL", f"https://hc.example.com/{CANARY}")
    monkeypatch.setenv("MUSTER_RUNBOOKS__SECRETS__OPS", CANARY)
    settings = load()

    text = yaml.safe_dump(settings.shown())

    assert CANARY not in text
    assert "canaryofasecret" not in text
    assert CANARY not in repr(settings.slack)
    assert len(settings.secrets) == 8
    assert yaml.safe_load(text)["database_url"] == "postgresql://muster:***@db/muster"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ROUTING_KEY", "canary", "should be the 32 letters and digits of an Events API v2 integration of PagerDuty"),
        ("ROUTING_KEY", "canary-with-something-odd-in-it!", "should be the 32 letters and digits"),
        ("HEARTBEAT_URL", "file:///canary", "should be a web address such as https://hc-ping.com/your-check"),
        ("EVENTS_URL", "canary", "should be a web address"),
        ("HEARTBEAT_SECONDS", "0", "should be greater than 0"),
    ],
)
def test_where_alarms_go_is_checked_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"MUSTER_WATCH__{name}", value)

    [told] = problems()
    assert said in told
    assert "canary" not in told


def test_nobody_is_told_unless_somebody_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not load().watch.in_use
    monkeypatch.setenv("MUSTER_WATCH__HEARTBEAT_URL", "https://hc.example.com/check")
    assert load().watch.in_use


def test_what_serving_needs_is_asked_for_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [line.partition(" ")[0] for line in load().missing()] == [
        variable("slack.bot_token"),
        variable("slack.app_token"),
    ]

    monkeypatch.setenv("MUSTER_SLACK__MODE", "http")
    monkeypatch.setenv("MUSTER_SLACK__BOT_TOKEN", "xoxb-1")
    assert [line.partition(" ")[0] for line in load().missing()] == [variable("slack.signing_secret")]

    monkeypatch.setenv("MUSTER_SLACK__SIGNING_SECRET", "s")
    assert load().missing() == ()


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        load().http.port = 1  # type: ignore[misc]


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "just words", "postgresql+asyncpg://h/d"])
def test_a_database_that_is_not_supported_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("MUSTER_DATABASE_URL", url)

    assert problems() == ("MUSTER_DATABASE_URL: should be sqlite:///path/to/file.db or postgresql://user@host/name.",)


def test_a_database_url_without_a_password_is_shown_whole() -> None:
    assert without_password("postgresql://muster@db:5432/muster") == "postgresql://muster@db:5432/muster"
    assert without_password("postgresql://db/muster?user=ada&password=x&sslmode=require&sslpassword=y") == (
        "postgresql://db/muster?user=ada&password=***&sslmode=require&sslpassword=***"
    )


def test_the_schema_describes_every_setting() -> None:
    schema = Settings.model_json_schema()

    assert schema["properties"].keys() == Settings.model_fields.keys()
    assert schema["additionalProperties"] is False
