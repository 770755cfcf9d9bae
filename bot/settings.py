"""What an operator decides: one frozen value, read once from muster.yaml and the environment, wrong words explained."""

import difflib
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from platformdirs import user_data_path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.incident.policy import Policy
from bot.strict_yaml import Unreadable, read_yaml

PREFIX = "MUSTER_"
CONFIG_VARIABLE = "MUSTER_CONFIG"
DEFAULT_FILE = Path("muster.yaml")
NOT_OURS = re.compile(r"MUSTER_(CONFIG|REQUIRE_(POSTGRES|BROWSER)|SERVICE_(HOST|PORT)(_\w+)?|PORT(_\d+_\w+)?)")
"""Variables that are no settings: three of our own, and those that Kubernetes sets for a Service called `muster`."""


class Misconfigured(Exception):
    """The settings cannot be used. `problems` are plain sentences, each saying what to do."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("should be a time zone such as Europe/Berlin or UTC") from error
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]
WebUrl = Annotated[str, Field(pattern=r"^https?://[^\s/]+\S*$")]


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Http(_Group):
    """Where Muster listens for webhooks, health checks and metrics."""

    host: str = "0.0.0.0"  # nosec B104 # noqa: S104  (webhooks come from outside; every route that acts is signed)
    port: int = Field(default=8080, ge=0, le=65535)
    """0 picks a free one; the line that `serve` prints names it."""


class Slack(_Group):
    """The Slack app. Socket Mode needs `app_token`, HTTP needs `signing_secret`."""

    mode: Literal["socket", "http"] = "socket"
    base_url: WebUrl = "https://slack.com/api/"
    bot_token: SecretStr = SecretStr("")
    app_token: SecretStr = SecretStr("")
    signing_secret: SecretStr = SecretStr("")
    announce_channel: str = ""
    """Where incidents are announced: `#incidents` or a channel id."""
    triage_channel: str = ""
    """Where alerts that need a look are posted; empty: the announcement channel."""
    bridge: WebUrl | Literal[""] = ""
    """The address of the call that everybody joins."""


class PagerDuty(_Group):
    """The PagerDuty account. Without `api_token` nothing is paged and nothing resolved there."""

    base_url: WebUrl = "https://api.pagerduty.com"
    api_token: SecretStr = SecretStr("")
    from_email: str = ""
    """The e-mail of the PagerDuty user on whose behalf Muster acts."""
    webhook_secrets: tuple[SecretStr, ...] = ()
    """The signing secrets of the webhook subscriptions; several while one is being rotated."""

    @property
    def in_use(self) -> bool:
        """Whether anything of it is set up."""
        return bool(self.api_token.get_secret_value() or self.webhook_secrets)


def _routing_key(key: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[0-9A-Za-z]{32}|", key.get_secret_value()):
        raise ValueError("should be the 32 letters and digits of an Events API v2 integration of PagerDuty")
    return key


def _secret_url(url: SecretStr) -> SecretStr:
    if not re.fullmatch(r"(https?://[^\s/]+\S*)?", url.get_secret_value()):
        raise ValueError("should be a web address such as https://hc-ping.com/your-check")
    return url


class Watch(_Group):
    """Who is told when Muster itself is unwell: by a PagerDuty alarm of its own, and by a sign of life that stops."""

    routing_key: Annotated[SecretStr, AfterValidator(_routing_key)] = SecretStr("")
    """The integration key of an *Events API v2* integration, on a service whose people look after Muster."""
    events_url: WebUrl = "https://events.pagerduty.com/v2/enqueue"
    """In the EU `https://events.eu.pagerduty.com/v2/enqueue`."""
    heartbeat_url: Annotated[SecretStr, AfterValidator(_secret_url)] = SecretStr("")
    """Fetched every minute while all is well; whoever stands behind it alarms when nothing came. Secret like a key."""
    heartbeat_seconds: float = Field(default=60.0, gt=0)

    @property
    def in_use(self) -> bool:
        """Whether anybody is told."""
        return bool(self.routing_key.get_secret_value() or self.heartbeat_url.get_secret_value())


class Postmortem(_Group):
    """How drafts are written."""

    folder: Path | None = None
    """A folder of your own templates, asked first: its `postmortem/default.md.j2` replaces Muster's."""
    zone: Zone = "UTC"
    names: bool = False
    """Whether prose names people; otherwise it names their roles (the timeline table always names them)."""


class Messages(_Group):
    """What Muster says in a company's own words."""

    folder: Path | None = None
    """A folder of your own messages: its `update.md` stands in the place of Muster's, file by file."""


class Runbooks(_Group):
    """Which runbooks there are, and what their actions may use."""

    folder: Path | None = None
    """A folder of your own runbooks; one of the same name stands in the place of Muster's."""
    shipped: bool = True
    """Whether those that come with Muster are there, too."""
    stale_after_days: int = Field(default=180, ge=1)
    """Days after which a runbook wants to be looked at again (`reviewed` in its front matter)."""
    plain_http: bool = False
    """Whether actions may call addresses without encryption (`http://`)."""
    secrets: dict[str, SecretStr] = {}
    """What `{secret:NAME}` stands for in actions, by name, in any case."""


class Log(_Group):
    """What is written to standard error."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    format: Literal["auto", "json", "plain"] = "auto"
    """auto: plain on a terminal, JSON elsewhere."""


def default_database() -> str:
    """An SQLite file in the user's data folder."""
    return f"sqlite:///{user_data_path('muster', appauthor=False) / 'muster.db'}"


class Settings(BaseSettings):
    """Everything that can be set, under the names of muster.yaml; as variables `MUSTER_`, groups joined by `__`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        nested_model_default_partial_update=True,
    )

    database_url: str = Field(
        default_factory=default_database, pattern=r"^(sqlite:///|postgres(ql)?(\+psycopg)?://)\S+$"
    )
    http: Http = Http()
    slack: Slack = Slack()
    pagerduty: PagerDuty = PagerDuty()
    watch: Watch = Watch()
    postmortem: Postmortem = Postmortem()
    messages: Messages = Messages()
    runbooks: Runbooks = Runbooks()
    log: Log = Log()
    policy: Policy = Policy()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment first, then what was read from the file."""
        return _Environment(settings_cls), init_settings

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret value that is set, so that the log can keep quiet about it."""
        slack, pagerduty, watch = self.slack, self.pagerduty, self.watch
        kept = (
            *(slack.bot_token, slack.app_token, slack.signing_secret),
            *(pagerduty.api_token, *pagerduty.webhook_secrets),
            *(watch.routing_key, watch.heartbeat_url),
            *self.runbooks.secrets.values(),
        )
        return tuple(s.get_secret_value() for s in kept if s.get_secret_value())

    def shown(self) -> dict[str, Any]:
        """The settings as plain data with every secret masked."""
        return {**self.model_dump(mode="json"), "database_url": without_password(self.database_url)}

    def missing(self) -> tuple[str, ...]:
        """What `muster serve` cannot start without, a sentence each."""
        wanted = [("slack.bot_token", self.slack.bot_token, "the Bot User OAuth Token (xoxb-…) of your Slack app")]
        if self.slack.mode == "socket":
            wanted.append(
                ("slack.app_token", self.slack.app_token, "an app-level token (xapp-…), scope connections:write")
            )
        else:
            wanted.append(("slack.signing_secret", self.slack.signing_secret, "the signing secret of your Slack app"))
        return tuple(
            f"{variable(name)} is not set: {what}. `muster manifest` prints the app to create."
            for name, secret, what in wanted
            if not secret.get_secret_value()
        )


class _Environment(EnvSettingsSource):
    """The environment, with `$PORT`, with `…_FILE` replaced by what the file holds, and without what is empty."""

    def __init__(self, settings_cls: type[BaseSettings]) -> None:
        super().__init__(settings_cls)
        said = {name: value for name, value in os.environ.items() if value}
        self.env_vars = {
            name.lower(): value for name, value in _with_files(said).items() if not NOT_OURS.fullmatch(name)
        }
        if "PORT" in said:
            self.env_vars.setdefault(variable("http.port").lower(), said["PORT"])

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        """A list or a group, from JSON; the sentence names the variable, never what it holds."""
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            name = next(v for v in known_variables() if v.endswith(field_name.upper()))
            raise Misconfigured(f'{name} should be JSON, such as ["one", "two"] for a list.') from None


def load(file: Path | None = None) -> Settings:
    """The settings from `file` (else `$MUSTER_CONFIG`, else ./muster.yaml if it is there) under the environment.

    Raises Misconfigured with every problem at once.
    """
    path = config_file(file)
    try:
        return Settings(**(read_yaml(path) if path else {}))
    except Unreadable as error:
        raise Misconfigured(str(error)) from None
    except ValidationError as error:
        raise Misconfigured(*(_explained(problem, path) for problem in error.errors(include_input=False))) from None


def config_file(file: Path | None = None) -> Path | None:
    """The file that is read, or None when there is none. A file that was asked for and is missing is a problem."""
    asked = file or (Path(named) if (named := os.environ.get(CONFIG_VARIABLE)) else None)
    if asked is not None and not asked.is_file():
        raise Misconfigured(f"There is no file {asked}.")
    return asked or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)


def variable(path: str) -> str:
    """The environment variable of a setting: `slack.bot_token` → `MUSTER_SLACK__BOT_TOKEN`."""
    return PREFIX + path.replace(".", "__").upper()


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """A sentence for each `MUSTER_` variable that sets nothing: a typo there would go unnoticed otherwise."""
    known = set(known_variables())
    roots = {name.partition("__")[0] for name in known}
    strange = (
        name
        for name in environment
        if name.startswith(PREFIX)
        and not NOT_OURS.fullmatch(name)
        and name.removesuffix("_FILE") not in known
        and name.partition("__")[0] not in roots
    )
    return [f"{name} sets nothing.{_did_you_mean(name, known)}" for name in sorted(strange)]


def known_variables(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[str]:
    """Every environment variable that sets something, groups (as JSON) included."""
    for name, field in model.model_fields.items():
        yield variable(prefix + name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from known_variables(field.annotation, f"{prefix}{name}.")


def without_password(url: str) -> str:
    """A database URL that may be shown."""
    masked = re.sub(r"(://[^:/@\s]*):[^@\s]*@", r"\1:***@", url)
    return re.sub(r"([?&]\w*password)=[^&\s]*", r"\1=***", masked)


def _with_files(said: Mapping[str, str]) -> dict[str, str]:
    known = set(known_variables())
    variables = dict(said)
    for name, path in said.items():
        base = name.removesuffix("_FILE")
        if base == name or base not in known:
            continue
        if base in said:
            raise Misconfigured(f"Both {base} and {name} are set; set one of them.")
        variables[base] = _secret_in(Path(path), name, many=base == variable("pagerduty.webhook_secrets"))
        del variables[name]
    return variables


def _secret_in(path: Path, name: str, *, many: bool) -> str:
    """What a secret's file holds, without the line's end; of many secrets one a line, as JSON."""
    try:
        text = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise Misconfigured(f"{name}: {path} cannot be read: {reason}.") from None
    return json.dumps(text.split()) if many and not text.startswith("[") else text


def _explained(problem: ErrorDetails, path: Path | None) -> str:
    """One problem as a sentence: which setting, where it was set, what is wrong, never the value."""
    where = ".".join(str(part) for part in problem["loc"])
    name = variable(where)
    place = name if name in os.environ or f"{name}_FILE" in os.environ else (f"{path}: {where}" if path else where)
    if problem["type"] == "extra_forbidden":
        known = (v for v in known_variables() if v.count("__") == name.count("__"))
        return f"{place}: there is no such setting.{_did_you_mean(name, known, dotted=place != name)}"
    said = problem["msg"].removeprefix("Value error, ").replace("Input should", "should")
    return f"{place}: {_in_words(said)}."


def _in_words(said: str) -> str:
    if "should match pattern '^https?" in said:
        return "should be a web address such as https://api.example.com"
    if "should match pattern '^(sqlite" in said:
        return "should be sqlite:///path/to/file.db or postgresql://user@host/name"
    return said[0].lower() + said[1:]


def _did_you_mean(name: str, known: Any, *, dotted: bool = False) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.75)
    if not near:
        return ""
    spelled = near[0].removeprefix(PREFIX).lower().replace("__", ".") if dotted else near[0]
    return f" Did you mean {spelled}?"
