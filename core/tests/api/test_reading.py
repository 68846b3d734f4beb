from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import InternalError, connection
from rest_framework.test import APIClient

from core.api import reading as reading_module
from core.api.fields import Settled
from core.api.problems import Problem
from core.api.reading import Moment, reading
from core.db import clock, one_snapshot
from core.models.scd2.exceptions import NotSettled
from core.tests.databases import CommittedDatabase

NOW = datetime(2024, 3, 31, 12, 30, tzinfo=UTC)
EARLIER = NOW - timedelta(seconds=5)
MOMENT = Moment(NOW, EARLIER)


def show(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        return str(cursor.fetchone()[0])


def test_an_answer_reads_from_one_snapshot_and_cannot_write(
    committed_db: CommittedDatabase,
) -> None:
    with one_snapshot():
        assert show("transaction_isolation") == "repeatable read"
        assert show("transaction_read_only") == "on"
        with pytest.raises(InternalError), connection.cursor() as cursor:
            cursor.execute("CREATE TABLE written (id int)")
    assert show("transaction_isolation") == "read committed"
    assert show("transaction_read_only") == "off"


def test_inside_another_transaction_it_is_that_one(db: None) -> None:
    with one_snapshot():
        assert show("transaction_isolation") == "read committed"


def test_now_is_the_clock_of_the_database(db: None) -> None:
    before = clock()
    with reading({}) as moment:
        assert before <= moment.now <= clock()
        assert moment.settled is None


def test_the_settled_instant_is_read_before_the_snapshot(committed_db: CommittedDatabase) -> None:
    with reading({"known_at": Settled.INSTANT}) as moment:
        assert moment.settled is not None
        assert moment.settled < moment.now


def test_a_filter_that_reads_settled_is_no_settled_read(db: None) -> None:
    with reading({"q": "settled"}) as moment:
        assert moment.settled is None


def test_what_knowledge_means() -> None:
    def knowledge(asked: Any) -> datetime:
        return MOMENT.knowledge(asked, "known_at")

    assert knowledge(None) == NOW
    assert knowledge(Settled.INSTANT) == EARLIER
    assert knowledge(NOW) == NOW
    assert knowledge(date(2024, 3, 31)) == NOW
    assert knowledge(date(2024, 3, 30)) == datetime(2024, 3, 30, 23, 59, 59, 999999, tzinfo=UTC)


@pytest.mark.parametrize("asked", [NOW + timedelta(microseconds=1), date(2024, 4, 1), date.max])
def test_what_is_not_known_yet_is_refused(asked: Any) -> None:
    with pytest.raises(Problem) as caught:
        MOMENT.knowledge(asked, "known_to")
    assert caught.value.status_code == 400
    assert [(error.field, error.code) for error in caught.value.errors] == [
        ("known_to", "in_the_future")
    ]


def test_without_known_at_what_is_believed_now_is_read() -> None:
    assert MOMENT.basis({}).as_dict() == {"as_of": NOW, "known_at": NOW}
    assert MOMENT.basis({}).believed_at is None
    basis = MOMENT.basis({"as_of": EARLIER, "known_at": NOW})
    assert (basis.as_of, basis.believed_at) == (EARLIER, NOW)


def test_where_nothing_can_be_settled_the_answer_is_to_try_again(
    client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> datetime:
        raise NotSettled("A prepared transaction may still commit; resolve it first.")

    monkeypatch.setattr(reading_module, "settled_instant", refuse)
    response = client.get("/api/v1/flags?known_at=settled")
    assert response.status_code == 503
    assert response["Retry-After"] == "1"
    assert response.json()["type"] == "urn:cockpit:problem:not_settled"
