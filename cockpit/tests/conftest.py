"""Browsers of people with and without rights."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client


def signed_in(name: str, *roles: str, superuser: bool = False) -> Client:
    user = get_user_model().objects.create_user(name, is_staff=True, is_superuser=superuser)
    user.groups.set(Group.objects.filter(name__in=roles))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def root(db: None) -> Client:
    return signed_in("root", superuser=True)


@pytest.fixture
def viewer(db: None) -> Client:
    return signed_in("vera", "viewer")


@pytest.fixture
def auditor(db: None) -> Client:
    return signed_in("otto", "auditor")
