"""Whole bots in whole worlds: those of the stories."""

import pytest

from tests.stories.conftest import cluster as cluster
from tests.stories.conftest import database_url as database_url
from tests.stories.conftest import fresh_database as fresh_database
from tests.stories.conftest import open_world as open_world


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
