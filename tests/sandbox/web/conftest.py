"""A company of its own for each test."""

import pytest

from tests.sandbox.web.company import Company


@pytest.fixture
def company() -> Company:
    return Company()
