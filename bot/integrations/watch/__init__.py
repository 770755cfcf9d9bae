"""Who watches the watcher: alarms about Muster itself, over lines that do not depend on what they tell of."""

from bot.integrations.watch.conditions import CONDITIONS as CONDITIONS
from bot.integrations.watch.conditions import Condition as Condition
from bot.integrations.watch.conditions import Glance as Glance
from bot.integrations.watch.watchman import Options as Options
from bot.integrations.watch.watchman import Watchman as Watchman
