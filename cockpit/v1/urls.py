"""The cockpit's API, below ``/api/v1/``."""

from django.urls import path

from cockpit.v1 import apps, views

urlpatterns = [
    path("apps", apps.AppsView.as_view(), name="apps"),
    path("apps/<str:slug>", apps.AppView.as_view(), name="app"),
    path("batches", views.BatchesView.as_view(), name="batches"),
    path("batches/<int:batch_id>", views.BatchView.as_view(), name="batch"),
    path("batches/<int:batch_id>/apply", views.BatchApplyView.as_view(), name="batch-apply"),
    path("batches/<int:batch_id>/cancel", views.BatchCancelView.as_view(), name="batch-cancel"),
    path("batches/<int:batch_id>/rejects", views.BatchRejectsView.as_view(), name="batch-rejects"),
    path("batches/<int:batch_id>/report", views.BatchReportView.as_view(), name="batch-report"),
]
