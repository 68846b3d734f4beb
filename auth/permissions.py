"""What a call asks of its caller. Nothing is open to anonymous."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

if TYPE_CHECKING:  # the module of the views reads this one while it is imported
    from rest_framework.views import APIView

ACTIONS = {
    "get": "view",
    "head": "view",
    "post": "add",
    "put": "change",
    "patch": "change",
    "delete": "delete",
}


class ModelRights(BasePermission):
    """The Django permission on ``view.model`` that the method stands for.

    A view that names no model is open to nobody, so that a forgotten line shows at once.
    """

    message: ClassVar[str] = "Your role does not allow this."

    def has_permission(self, request: Request, view: APIView) -> bool:
        user: Any = request.user
        model = getattr(view, "model", None)
        if not user.is_authenticated or model is None:
            return False
        action = ACTIONS.get(method_of(request))
        if action is None or not hasattr(view, method_of(request)):
            return True  # OPTIONS, or a method that the view answers with 405
        return bool(user.has_perm(f"{model._meta.app_label}.{action}_{model._meta.model_name}"))


def method_of(request: Request) -> str:
    return str(request.method).lower()
