"""A process that makes one call, as a worker of the service would: its answer goes to stdout."""

from __future__ import annotations

import json
import sys

import django


def main(user_id: str, path: str, body: str, key: str) -> None:
    django.setup()
    from django.contrib.auth import get_user_model
    from rest_framework.test import APIClient

    client = APIClient(SERVER_NAME="localhost")
    client.force_authenticate(get_user_model().objects.get(pk=user_id))
    response = client.post(path, json.loads(body), headers={"Idempotency-Key": key}, secure=True)
    print(json.dumps([response.status_code, response.content.decode()]))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
