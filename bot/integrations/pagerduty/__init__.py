"""PagerDuty: alerts come in by webhook, pages and resolutions go out, and both sides are kept in step."""

from bot.integrations.pagerduty.outbound import announce as announce
from bot.integrations.pagerduty.performer import rate_of as rate_of
from bot.integrations.pagerduty.room import Job as Job
from bot.integrations.pagerduty.room import Options as Options
from bot.integrations.pagerduty.room import PagerDuty as PagerDuty
from bot.integrations.pagerduty.room import build_pagerduty as build_pagerduty
