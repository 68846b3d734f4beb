"""Every malformed value ends in one sentence that names the variable."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from core import env as module
from core.env import env, read_env_files

NAME = "COCKPIT_TEST_VALUE"
Patch = pytest.MonkeyPatch


def sentence(call: object, *arguments: object) -> str:
    with pytest.raises(ImproperlyConfigured) as caught:
        call(*arguments)  # type: ignore[operator]
    return str(caught.value)


@pytest.mark.parametrize("value", [None, "", "  "])
def test_what_is_required_says_what_it_is_for(monkeypatch: Patch, value: str | None) -> None:
    monkeypatch.delenv(NAME, raising=False)
    if value is not None:
        monkeypatch.setenv(NAME, value)
    assert sentence(env.required, NAME, "it signs sessions") == (
        f"{NAME} is not set: it signs sessions. Set it in the environment or in .env "
        "(see .env.sample)."
    )


def test_what_is_required_is_taken_as_it_is(monkeypatch: Patch) -> None:
    monkeypatch.setenv(NAME, " a$b ")
    assert env.required(NAME, "") == "a$b"


@pytest.mark.parametrize(("text", "number"), [("", 7), ("0", 0), (" 12 ", 12)])
def test_a_whole_number(monkeypatch: Patch, text: str, number: int) -> None:
    monkeypatch.setenv(NAME, text)
    assert env.whole_number(NAME, 7) == number


@pytest.mark.parametrize("text", ["-1", "1.5", "eight", "²", "٣", "1e3"])
def test_no_whole_number(monkeypatch: Patch, text: str) -> None:
    monkeypatch.setenv(NAME, text)
    assert sentence(env.whole_number, NAME, 7) == f"{NAME} must be a whole number, not {text!r}."


@pytest.mark.parametrize(
    ("text", "on"),
    [("true", True), ("YES", True), ("1", True), ("on", True), ("off", False), ("0", False)],
)
def test_a_switch(monkeypatch: Patch, text: str, on: bool) -> None:
    monkeypatch.setenv(NAME, text)
    assert env.switch(NAME) is on


def test_a_switch_that_is_not_set_is_as_the_default(monkeypatch: Patch) -> None:
    monkeypatch.delenv(NAME, raising=False)
    assert env.switch(NAME) is False
    assert env.switch(NAME, default=True) is True


@pytest.mark.parametrize("text", ["maybe", "2", "tru"])
def test_no_switch(monkeypatch: Patch, text: str) -> None:
    monkeypatch.setenv(NAME, text)
    assert sentence(env.switch, NAME) == f"{NAME} must be true or false, not {text!r}."


def test_a_choice_in_any_case(monkeypatch: Patch) -> None:
    monkeypatch.setenv(NAME, " warning ")
    assert env.choice(NAME, ("INFO", "WARNING"), "INFO") == "WARNING"
    monkeypatch.setenv(NAME, "")
    assert env.choice(NAME, ("INFO", "WARNING"), "INFO") == "INFO"


def test_no_choice(monkeypatch: Patch) -> None:
    monkeypatch.setenv(NAME, "loud")
    said = sentence(env.choice, NAME, ("INFO", "WARNING"), "INFO")
    assert said == f"{NAME} must be one of INFO, WARNING, not 'LOUD'."


def test_items_between_commas(monkeypatch: Patch) -> None:
    monkeypatch.setenv(NAME, " a, b ,,")
    assert env.items(NAME, "") == ["a", "b"]
    monkeypatch.delenv(NAME)
    assert env.items(NAME, "x,y") == ["x", "y"]


@pytest.mark.parametrize("app", ["entities", "entities.apps.EntitiesConfig", "core.tests.harbour"])
def test_an_app_that_is_there(monkeypatch: Patch, app: str) -> None:
    monkeypatch.setenv(NAME, app)
    assert env.packages(NAME, "") == [app]


@pytest.mark.parametrize("app", ["nowhere", "nowhere.at.all", "no where", ".", "..x"])
def test_an_app_that_is_not_there(monkeypatch: Patch, app: str) -> None:
    monkeypatch.setenv(NAME, f"entities,{app}")
    said = sentence(env.packages, NAME, "")
    assert said == f"{NAME} names {app!r}, which is no installed app."


def test_an_origin_has_a_scheme(monkeypatch: Patch) -> None:
    monkeypatch.setenv(NAME, "https://a.example, http://localhost:8000")
    assert env.origins(NAME) == ["https://a.example", "http://localhost:8000"]
    monkeypatch.setenv(NAME, "a.example")
    assert sentence(env.origins, NAME) == (
        f"{NAME} must name sites like https://cockpit.example.org, not 'a.example'."
    )


def test_a_postgres_address() -> None:
    parsed = env.postgres(NAME, "postgres://ada:p%40ss@db.example:5433/crm")
    assert parsed["ENGINE"] == "django.db.backends.postgresql"
    found = [parsed[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")]
    assert found == ["ada", "p@ss", "db.example", 5433, "crm"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://ada@db/crm", "must be a PostgreSQL address like"),
        ("crm", "must be a PostgreSQL address like"),
        ("postgres://ada:p@db:port/crm", "cannot be read as an address."),
        ("postgres://db/crm", "must name a user and a database."),
        ("postgres://ada:p@db", "must name a user and a database."),
    ],
)
def test_no_postgres_address_and_no_password_in_the_sentence(url: str, said: str) -> None:
    message = sentence(env.postgres, NAME, url)
    assert message.startswith(NAME)
    assert said in message
    assert ":p@" not in message.replace("user:password@", "")


def test_the_service_s_file_wins_over_the_root_s_and_the_process_over_both(
    monkeypatch: Patch, tmp_path: Path
) -> None:
    (tmp_path / "tug" / "config").mkdir(parents=True)
    (tmp_path / ".env").write_text("TUG_A=root\nTUG_B=root\nTUG_C=root\n")
    (tmp_path / "tug" / "config" / ".env").write_text("TUG_B=service\nTUG_C=service\n")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    for name in ("TUG_A", "TUG_B"):
        monkeypatch.setenv(name, "to be restored")
        monkeypatch.delenv(name)
    monkeypatch.setenv("TUG_C", "process")
    read_env_files("tug")
    found = [env.str(name) for name in ("TUG_A", "TUG_B", "TUG_C")]
    assert found == ["root", "service", "process"]


def test_no_files_change_nothing(monkeypatch: Patch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setenv("TUG_C", "process")
    read_env_files("tug")
    assert env.str("TUG_C") == "process"


def test_without_limits_a_connection_has_no_options() -> None:
    assert env.connection(pool_size=0, statement_seconds=0) == {}


def test_a_pool_and_a_limit_to_statements() -> None:
    assert env.connection(pool_size=8, statement_seconds=30) == {
        "pool": {"min_size": 1, "max_size": 8, "timeout": 5},
        "options": "-c statement_timeout=30s",
    }
