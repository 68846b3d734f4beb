"""The one look-up that every call begins with."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, Permission
from pytest_django import DjangoAssertNumQueries

from auth import services
from auth.models import User
from auth.roles import Role
from auth.selectors import live_token
from core.models.scd2.change import Context

Make = Callable[[User], None]


def of_role(role: Role) -> Make:
    return lambda user: user.groups.add(Group.objects.get(name=role))


def by_hand(user: User) -> None:
    """Two roles, and a permission that the second of them has as well."""
    user.groups.add(*Group.objects.filter(name__in=["viewer", "editor"]))
    user.user_permissions.add(Permission.objects.get(codename="add_user"))
    user.user_permissions.add(Permission.objects.get(codename="view_auditentry"))


def above_all(user: User) -> None:
    user.is_superuser = True
    user.save()


@pytest.mark.parametrize("make", [*map(of_role, Role), by_hand, above_all, lambda user: None])
def test_it_knows_what_its_user_may_do(ada: User, context: Context, make: Make) -> None:
    make(ada)
    _, secret = services.token_create(user=ada, context=context)

    token = live_token(secret)

    assert token is not None
    assert token.user.get_all_permissions() == User.objects.get(pk=ada.pk).get_all_permissions()


def test_nothing_more_is_asked_for_a_permission(
    ada: User, context: Context, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    of_role(Role.VIEWER)(ada)
    _, secret = services.token_create(user=ada, context=context)

    with django_assert_num_queries(1):
        token = live_token(secret)
        assert token is not None
        assert not token.user.has_perm("cockpit_auth.add_user")


def test_it_reads_all_there_is_of_both(ada: User, context: Context) -> None:
    token, secret = services.token_create(user=ada, name="feed", context=context)
    found = live_token(secret)
    assert found == token
    assert found is not None
    assert found.get_deferred_fields() == found.user.get_deferred_fields() == set()
    assert (found.name, found.user, found.user.password) == ("feed", ada, ada.password)
