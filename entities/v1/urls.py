"""The API of the register, below ``/api/v1``."""

from django.urls import include, path

from core.api.audit import AuditView
from entities.v1.views.changes import RegisterChangesView
from entities.v1.views.diff import DiffView
from entities.v1.views.entities import (
    EntitiesAsOfView,
    EntitiesView,
    EntityBulkView,
    EntityView,
)
from entities.v1.views.histories import EntityHistoryView
from entities.v1.views.index import IndexView
from entities.v1.views.types import (
    DetailTypeHistoryView,
    DetailTypesView,
    DetailTypeView,
    EntityTypeHistoryView,
    EntityTypesView,
    EntityTypeView,
)

urlpatterns = [
    path("", IndexView.as_view(), name="index"),
    path("/entities", EntitiesView.as_view(), name="entities"),
    path("/entities/bulk", EntityBulkView.as_view(), name="entities-bulk"),
    path("/entities/<str:entity_uid>", EntityView.as_view(), name="entity"),
    path("/entities/<str:entity_uid>/history", EntityHistoryView.as_view(), name="entity-history"),
    path("/entities-asof", EntitiesAsOfView.as_view(), name="entities-asof"),
    path("/diff", DiffView.as_view(), name="diff"),
    path("/entity-types", EntityTypesView.as_view(), name="entity-types"),
    path("/entity-types/<str:code>", EntityTypeView.as_view(), name="entity-type"),
    path("/entity-types/<str:code>/history", EntityTypeHistoryView.as_view()),
    path("/detail-types", DetailTypesView.as_view(), name="detail-types"),
    path("/detail-types/<str:code>", DetailTypeView.as_view(), name="detail-type"),
    path("/detail-types/<str:code>/history", DetailTypeHistoryView.as_view()),
    path("/changes", RegisterChangesView.as_view(), name="changes"),
    path("/audit", AuditView.as_view(), name="audit"),
    path("/auth/", include("auth.v1.urls")),
]
