"""The service keeps what its own description promises, whatever it is sent."""

import json
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.contrib.auth import get_user_model
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance

from auth.services import token_create
from core.tests.databases import CommittedDatabase
from entities import services
from entities.v1.examples import ENTITY
from entities.v1.tests.conftest import SYSTEM, make_types

BOUNDED: dict[str, Any] = {
    "deadline": None,
    "derandomize": True,
    "suppress_health_check": [
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
    ],
}
# A request may fit the description and still be refused: a code that nobody has made.
EXCLUDED = [positive_data_acceptance]


@schemathesis.serializer("application/x-ndjson")
def one_a_line(_context: Any, value: Any) -> bytes:
    return json.dumps(value).encode()


def described(coverage: bool) -> Any:
    """The service as it describes itself, with the entity that its examples are about."""
    make_types()
    services.entity_create(
        uuid=UUID(str(ENTITY["uuid"])), entity_type="BANK", display_name="A bank", context=SYSTEM
    )
    config = SchemathesisConfig.from_dict(
        {
            "phases": {"coverage": {"enabled": coverage}},
            # Every call brings its token, so none is to be judged as if it had come without.
            "generation": {"with-security-parameters": False},
        }
    )
    return schemathesis.openapi.from_wsgi("/schema", get_wsgi_application(), config=config)


@pytest.fixture
def glance(committed_db: CommittedDatabase, entities_service: None) -> Any:
    return described(coverage=False)


@pytest.fixture
def scrutiny(committed_db: CommittedDatabase, entities_service: None) -> Any:
    return described(coverage=True)


@pytest.fixture
def authorization(committed_db: CommittedDatabase) -> dict[str, str]:
    user = get_user_model().objects.create(username="root", is_superuser=True)
    _, secret = token_create(user=user, context=SYSTEM)
    return {"Authorization": f"Token {secret}"}


@schemathesis.pytest.from_fixture("glance").parametrize()
@settings(max_examples=10, **BOUNDED)
def test_every_call_answers_as_described(case: Any, authorization: dict[str, str]) -> None:
    case.call_and_validate(headers=authorization, excluded_checks=EXCLUDED)


@pytest.mark.slow
@schemathesis.pytest.from_fixture("scrutiny").parametrize()
@settings(max_examples=50, **BOUNDED)
def test_every_corner_of_the_description(case: Any, authorization: dict[str, str]) -> None:
    case.call_and_validate(headers=authorization, excluded_checks=EXCLUDED)
