"""Diffs of random histories, against looking at every day: through the selector and over HTTP."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from core.models.scd2.exceptions import Conflict
from entities import services
from entities.exceptions import NotFound
from entities.selectors import entity_list, entity_snapshot
from entities.tests.conftest import ADA, day
from entities.tests.test_diff import MICROSECOND, change, diff, now, step

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("types")]

ONE, OTHER = UUID(int=1), UUID(int=2)
DAYS = [day(2020) + timedelta(days=number) for number in range(8)]

CHANGES = st.tuples(
    st.sampled_from([ONE, OTHER]),
    st.sampled_from(["create", "name", "type", "size", "unsize", "note"]),
    st.sampled_from(DAYS),
    st.none() | st.sampled_from(DAYS),
    st.sampled_from("ab"),
)

BIRTHS = st.tuples(
    st.sampled_from([ONE, OTHER]),
    st.just("create"),
    st.sampled_from(DAYS[:3]),
    st.none(),
    st.just("a"),
)


def carry_out(said: Any) -> None:
    uuid, what, start, end, word = said
    period = {"valid_from": start, "valid_to": end if end and end > start else None}
    if what == "create":
        named = {"entity_type": "BANK", "display_name": word, "details": {"EMPLOYEES": 1}}
        services.entity_create(uuid=uuid, context=ADA, **named, **period)
        return
    changes = {
        "name": {"display_name": word},
        "type": {"entity_type": {"a": "BANK", "b": "PERSON"}[word]},
        "size": {"details": {"EMPLOYEES": {"a": 1, "b": 2}[word]}},
        "unsize": {"details": {"EMPLOYEES": None}},
        "note": {"details": {"NOTE": word}},
    }
    services.entity_update(uuid=uuid, changes=changes[what], context=ADA, **period)


def fields_at(uuid: UUID, at: datetime, known_at: datetime) -> dict[str, Any]:
    shown = entity_snapshot(uuid, as_of=at, known_at=known_at)
    if shown is None:
        return {}
    own = {name: shown[name] for name in ("display_name", "entity_type")}
    return own | {f"details.{code}": value for code, value in shown["details"].items()}


def naive(
    window: tuple[datetime, datetime, datetime, datetime], instants: list[datetime]
) -> Iterator[dict[str, Any]]:
    start, end, known_from, known_to = window

    def corrects(uuid: UUID, at: datetime, name: str, value: Any) -> bool:
        """By asking at every instant at which something else may have been believed."""
        believed = [
            fields_at(uuid, at, known_at).get(name)
            for known_at in instants
            if at <= known_at <= known_to
        ]
        return any(one not in (None, value) for one in believed)

    for uuid in (ONE, OTHER):
        before = fields_at(uuid, start - MICROSECOND, known_from)
        after = fields_at(uuid, end, known_to)
        looks = [
            (at, fields_at(uuid, at - MICROSECOND, known_to), fields_at(uuid, at, known_to))
            for at in DAYS
            if start <= at <= end
        ]
        fields = {
            name: change(
                before.get(name),
                after.get(name),
                *(
                    step(
                        at,
                        was.get(name),
                        becomes.get(name),
                        corrects(uuid, at, name, becomes.get(name)),
                    )
                    for at, was, becomes in looks
                    if was.get(name) != becomes.get(name)
                ),
            )
            for name in before.keys() | after.keys()
            if before.get(name) != after.get(name)
        }
        if fields:
            named = after or before
            kind = "updated" if before and after else "created" if after else "ended"
            yield {
                "uuid": uuid,
                "source": None,
                "source_id": None,
                "entity_type": named["entity_type"],
                "display_name": named["display_name"],
                "change": kind,
                "fields": fields,
            }


@settings(
    max_examples=(settings().max_examples + 2) // 3,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(born=st.lists(BIRTHS, max_size=2), said=st.lists(CHANGES, max_size=6), data=st.data())
def test_a_diff_is_what_looking_at_every_day_finds(
    born: Any, said: Any, data: st.DataObject
) -> None:
    with transaction.atomic():
        instants = [now()]
        for one in (*born, *said):
            try:
                carry_out(one)
            except (Conflict, NotFound):
                continue
            instants.append(now())
        start, end = sorted((data.draw(st.sampled_from(DAYS)), data.draw(st.sampled_from(DAYS))))
        known_from, known_to = (data.draw(st.sampled_from(instants)) for _ in range(2))
        window = (start, end, known_from, known_to)
        found = diff(start, end, known_from=known_from, known_to=known_to, limit=10)
        assert found == list(naive(window, instants))
        assert len(entity_list(as_of=end, known_at=known_to, limit=10)) <= 2
        transaction.set_rollback(True)


def pages(client: APIClient, url: str) -> Iterator[dict[str, Any]]:
    following: str | None = url
    while following is not None:
        page = client.get(following).json()
        yield page
        following = page["next"]


@settings(
    max_examples=(settings().max_examples + 4) // 5,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(born=st.lists(BIRTHS, max_size=2), said=st.lists(CHANGES, max_size=5), data=st.data())
def test_its_pages_over_http_are_what_looking_at_every_day_finds(
    reader: APIClient, born: Any, said: Any, data: st.DataObject
) -> None:
    with transaction.atomic():
        instants = [now()]
        for one in (*born, *said):
            try:
                carry_out(one)
            except (Conflict, NotFound):
                continue
            instants.append(now())
        start, end = sorted((data.draw(st.sampled_from(DAYS)), data.draw(st.sampled_from(DAYS))))
        known_from, known_to = (data.draw(st.sampled_from(instants)) for _ in range(2))
        window = (start, end, known_from, known_to)
        names = ("from", "to", "known_from", "known_to")
        asked = {name: at.isoformat() for name, at in zip(names, window, strict=True)}
        forward = list(pages(reader, f"/api/v1/diff?{urlencode({**asked, 'limit': 1})}"))
        expected = orjson.loads(orjson.dumps(list(naive(window, instants))))
        assert [item for page in forward for item in page["results"]] == expected
        for page, following in pairwise(forward):
            assert reader.get(following["previous"]).json()["results"] == page["results"]
        transaction.set_rollback(True)


@pytest.fixture
def reader(settings: Any) -> APIClient:
    """A client that sees everything."""
    settings.ROOT_URLCONF = "entities.config.urls"
    user = get_user_model().objects.create(username="reader")
    user.groups.add(Group.objects.get(name="steward"))
    client = APIClient()
    client.force_authenticate(user)
    return client
