"""Forms: how one is built, what it remembers until it is sent, and what comes back; pure.

https://docs.slack.dev/surfaces/modals
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.incident.model import Refused
from bot.integrations.slack.blocks import Block, words
from bot.integrations.slack.fitting import fit_view
from bot.integrations.slack.limits import MAX_LENGTH, OPTION, OPTION_VALUE, OPTIONS
from bot.integrations.slack.text import cut

View = dict[str, object]
Option = tuple[str, str]
"""(value, label)"""

CALLBACK = "form"
OUTDATED = "This form is of an older version of Muster. Please open it again."
GROUPED = 1_000
"""A menu holds 100 options, in groups 100 each; nobody scrolls further than this."""


class Memo(BaseModel):
    """What a form remembers until it is sent (`private_metadata`). A person can't change it, but it proves nothing."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    verb: str
    incident: int | None = None
    channel: str = ""
    reply: str = ""
    """Where the person can still be answered when the form is gone: the `response_url` of what opened it."""
    nonce: str = ""
    """Told apart from every other opening, so that a form sent twice counts once."""
    extra: Mapping[str, str] = {}


@dataclass(frozen=True)
class Form:
    """A form of a verb. Without `submit` it only shows."""

    verb: str
    title: str
    blocks: tuple[Block, ...]
    submit: str = ""
    incident: int | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


def view(form: Form, *, channel: str = "", reply: str = "", nonce: str = "") -> View:
    """The form as Slack opens it, held to its limits."""
    memo = Memo(
        verb=form.verb,
        incident=form.incident,
        channel=channel,
        reply=reply,
        nonce=nonce or uuid4().hex,
        extra=form.extra,
    )
    frame: View = {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": words(cut(form.title, 24)),
        "close": words("Cancel" if form.submit else "Close"),
        "private_metadata": memo.model_dump_json(),
        "blocks": list(form.blocks),
    }
    return fit_view(frame | {"submit": words(form.submit)} if form.submit else frame)


def remembered(sent: Mapping[str, object]) -> Memo | None:
    """What the form remembered; None for a view that is none of ours."""
    try:
        return Memo.model_validate_json(str(sent.get("private_metadata") or ""))
    except ValidationError:
        return None


def text_input(
    name: str,
    label: str,
    *,
    initial: str = "",
    long: bool = False,
    optional: bool = False,
    hint: str = "",
    placeholder: str = "",
    most: int = MAX_LENGTH,
) -> Block:
    """A line to write on, or several."""
    element: Block = {"type": "plain_text_input", "action_id": f"in/{name}", "multiline": long, "max_length": most}
    if initial:
        element["initial_value"] = initial[:most]
    if placeholder:
        element["placeholder"] = words(placeholder)
    return _input(name, label, element, optional=optional, hint=hint)


def select(
    name: str,
    label: str,
    options: Iterable[Option],
    *,
    initial: str = "",
    optional: bool = False,
    hint: str = "",
    tells: bool = False,
) -> Block:
    """A menu of which one is chosen. `tells`: the choice comes back at once, not only with the form."""
    known = list(options)[:GROUPED]
    element: Block = {"type": "static_select", "action_id": f"in/{name}", **_menu(known)}
    chosen = next((o for o in known if o[0] == initial), None)
    if chosen:
        element["initial_option"] = _option(chosen)
    return _input(name, label, element, optional=optional, hint=hint, tells=tells)


def several(
    name: str,
    label: str,
    options: Iterable[Option],
    *,
    initial: Iterable[str] = (),
    placeholder: str = "",
    tells: bool = False,
) -> Block:
    """A menu of which any number is chosen, none too."""
    known, wanted = list(options)[:GROUPED], set(initial)
    element: Block = {"type": "multi_static_select", "action_id": f"in/{name}", **_menu(known)}
    if placeholder:
        element["placeholder"] = words(placeholder)
    chosen = [_option(o) for o in known if o[0] in wanted]
    if chosen:
        element["initial_options"] = chosen
    return _input(name, label, element, optional=True, tells=tells)


def user(name: str, label: str, *, initial: str = "", optional: bool = False, hint: str = "") -> Block:
    """A person of the workspace."""
    element: Block = {"type": "users_select", "action_id": f"in/{name}", "placeholder": words("Choose a person")}
    filled = element | {"initial_user": initial} if initial else element
    return _input(name, label, filled, optional=optional, hint=hint)


def users(name: str, label: str, *, optional: bool = False, hint: str = "") -> Block:
    """People of the workspace, any number of them; `Filled.all_chosen` has their ids. `optional`: none is fine, too."""
    element: Block = {"type": "multi_users_select", "action_id": f"in/{name}", "placeholder": words("Choose people")}
    return _input(name, label, element, optional=optional, hint=hint)


def tick(name: str, label: str, said: str, *, ticked: bool) -> Block:
    """One box to tick."""
    return ticks(name, label, [("yes", said)], ticked=["yes"] if ticked else [])


def ticks(name: str, label: str, boxes: Iterable[Option], *, ticked: Iterable[str]) -> Block:
    """Boxes to tick; `ticked`: the values of those that are."""
    known, wanted = list(boxes), set(ticked)
    element: Block = {"type": "checkboxes", "action_id": f"in/{name}", "options": [_option(box) for box in known]}
    chosen = [_option(box) for box in known if box[0] in wanted]
    return _input(name, label, element | {"initial_options": chosen} if chosen else element, optional=True)


def _input(
    name: str, label: str, element: Block, *, optional: bool = False, hint: str = "", tells: bool = False
) -> Block:
    block: Block = {"type": "input", "block_id": name, "label": words(label), "element": element, "optional": optional}
    if hint:
        block["hint"] = words(hint)
    return block | {"dispatch_action": True} if tells else block


def _menu(options: Sequence[Option]) -> Block:
    """Up to 100 options as they are, more of them in groups of 100."""
    if len(options) <= OPTIONS:
        return {"options": [_option(o) for o in options]}
    chunks = [options[n : n + OPTIONS] for n in range(0, len(options), OPTIONS)]
    return {
        "option_groups": [
            {"label": words(cut(f"{c[0][1]} … {c[-1][1]}", OPTION)), "options": [_option(o) for o in c]} for c in chunks
        ]
    }


def _option(option: Option) -> Block:
    value, label = option
    return {"text": words(cut(label, OPTION)), "value": value[:OPTION_VALUE]}


@dataclass(frozen=True)
class Filled:
    """What came back, by field: the state of a sent view (`view.state.values`), or of one that is being filled in."""

    values: Mapping[str, object]
    extra: Mapping[str, str] = field(default_factory=dict)
    """What the form remembered of its own."""
    pressed: str = ""
    """The field or the button that brought it back, when it was not sent."""

    @classmethod
    def of(cls, sent: Mapping[str, object], extra: Mapping[str, str], pressed: str = "") -> "Filled":
        state = sent.get("state")
        values = state.get("values") if isinstance(state, Mapping) else None
        return cls(values if isinstance(values, Mapping) else {}, extra, pressed)

    def text(self, name: str) -> str:
        """The words in a line; empty when there are none."""
        return str(self._element(name).get("value") or "")

    def chosen(self, name: str) -> str:
        """The value of the chosen option, or the chosen person's id; empty when none is."""
        element = self._element(name)
        option = element.get("selected_option")
        return str(option.get("value", "")) if isinstance(option, Mapping) else str(element.get("selected_user") or "")

    def all_chosen(self, name: str) -> tuple[str, ...]:
        """The values of the chosen options, or the chosen people's ids."""
        element = self._element(name)
        chosen = element.get("selected_options") or element.get("selected_users")
        found = chosen if isinstance(chosen, list) else []
        return tuple(str(o.get("value", "")) if isinstance(o, Mapping) else str(o) for o in found)

    def number(self, name: str) -> int | None:
        """The chosen option as a number; None when none is chosen, or it is none."""
        return _number(self.chosen(name))

    def kept(self, name: str) -> str:
        """What the form remembered under that name. Raises Refused for a form that remembers no such thing."""
        if name not in self.extra:
            raise Refused(OUTDATED)
        return self.extra[name]

    def kept_number(self, name: str) -> int:
        """The same as a number. Raises Refused."""
        number = _number(self.kept(name))
        if number is None:
            raise Refused(OUTDATED)
        return number

    def _element(self, name: str) -> Mapping[str, object]:
        """A field holds one element; its name in there is the same as the field's."""
        field = self.values.get(name)
        element = next(iter(field.values()), None) if isinstance(field, Mapping) else None
        return element if isinstance(element, Mapping) else {}


def _number(said: str) -> int | None:
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else None
