"""Who says how the real ones behave: the vendors' pages, their SDKs' files and the threads where somebody met it.

A fact names one of these; `test_facts` refuses every other source, so that nobody makes one up in passing.
"""

_SLACK = "https://docs.slack.dev"
EVENTS_API = f"{_SLACK}/apis/events-api"
SOCKET_MODE = f"{_SLACK}/apis/events-api/using-socket-mode"
RATE_LIMITS = f"{_SLACK}/apis/web-api/rate-limits"
SLACK_CONNECT = f"{_SLACK}/apis/slack-connect"
SIGNING = f"{_SLACK}/authentication/verifying-requests-from-slack"
INTERACTION = f"{_SLACK}/interactivity/handling-user-interaction"
COMMANDS = f"{_SLACK}/interactivity/implementing-slash-commands"
SHORTCUTS = f"{_SLACK}/interactivity/implementing-shortcuts"
FORMATTING = f"{_SLACK}/messaging/formatting-message-text"
METADATA = f"{_SLACK}/messaging/message-metadata"
BLOCKS = f"{_SLACK}/reference/block-kit/blocks"
SECTION = f"{BLOCKS}/section-block"
VIEWS = f"{_SLACK}/reference/views/"
ELEMENTS = f"{_SLACK}/reference/block-kit/block-elements/"
CONVERSATION = f"{_SLACK}/reference/objects/conversation-object"
FILE = f"{_SLACK}/reference/objects/file-object"
CANVASES = f"{_SLACK}/surfaces/canvases"
MODALS = f"{_SLACK}/surfaces/modals"
ARCHIVES = "https://slack.zendesk.com/hc/en-us/articles/213185307"
"""Slack's help: Archive or delete a channel."""
BLOCKS_LENGTH = "https://github.com/slackapi/bolt-js/issues/2509"
ARCHIVED_APPS = "https://github.com/slack-go/slack/issues/1066"

_DOCS = "https://github.com/PagerDuty/developer-docs/blob/9422439/docs"
PD_WEBHOOKS = f"{_DOCS}/webhooks/01-Overview.md"
PD_DELIVERY = f"{_DOCS}/webhooks/02-Behavior.md"
PD_SIGNATURES = f"{_DOCS}/webhooks/04-Signatures.md"
PD_AUTHENTICATION = f"{_DOCS}/REST-API/02-Authentication.md"
PD_RATE_LIMITS = f"{_DOCS}/REST-API/04-Rate-Limits.md"
PD_PAGES = f"{_DOCS}/REST-API/09-Pagination.md"
PD_ERRORS = f"{_DOCS}/REST-API/14-Errors.md"
PD_EVENTS = f"{_DOCS}/events-API-v2/01-Overview.md"
PD_ALERTS = f"{_DOCS}/events-API-v2/02-Trigger-Events.md"
PD_REST = "https://github.com/PagerDuty/api-schema/blob/main/reference/REST/openapiv3.json"
PD_HELP = "https://support.pagerduty.com/docs/webhooks"

CLIENT = "slack_sdk/web/client.py"
"""Sends most reads as GETs, and most writes as POSTs with all arguments in the query."""
VERIFIER = "slack_sdk/signature/__init__.py"
ENVELOPE = "slack_sdk/socket_mode/request.py"
PD_CLIENT = "pdpyras.py"
FILES = frozenset({CLIENT, VERIFIER, ENVELOPE, PD_CLIENT})
"""Of the vendors' libraries, as installed."""

PAGES = frozenset(
    value for name, value in globals().items() if name[0].isupper() and isinstance(value, str) and "://" in value
)


def method(name: str) -> str:
    """The page of one method of Slack's Web API."""
    return f"{_SLACK}/reference/methods/{name}"


def block(name: str) -> str:
    """The page of one block, as slack_sdk names it beside the block's class."""
    return f"{BLOCKS}/{name}"


def element(name: str) -> str:
    return f"{_SLACK}/reference/block-kit/block-elements/{name}"


def part(name: str) -> str:
    """The page of what blocks are made of: texts, options, confirmations."""
    return f"{_SLACK}/reference/block-kit/composition-objects/{name}"
