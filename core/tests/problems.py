"""What a refusal must look like, whatever service it comes from."""

from typing import Any


def problem(response: Any, status: int, code: str) -> Any:
    """The problem that a response must be."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    answer = response.json()
    assert answer["status"] == status
    assert answer["type"] == f"urn:cockpit:problem:{code}"
    return answer


def wrong(response: Any) -> list[tuple[str, str]]:
    """The fields at fault, and what is wrong with each, of a 400."""
    answer = problem(response, 400, "invalid_request")
    return [(error["field"], error["code"]) for error in answer["errors"]]
