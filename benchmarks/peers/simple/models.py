"""The register as a user of django-simple-history would write it."""

from django.db import models
from simple_history.models import HistoricalRecords


class Entity(models.Model):
    source_id = models.CharField(max_length=200, unique=True)
    entity_type = models.CharField(max_length=50)
    display_name = models.CharField(max_length=500)
    history = HistoricalRecords()

    class Meta:
        app_label = "simple"


class Detail(models.Model):
    entity = models.ForeignKey(Entity, models.CASCADE)
    code = models.CharField(max_length=50)
    value = models.TextField()
    history = HistoricalRecords()

    class Meta:
        app_label = "simple"
        constraints = [models.UniqueConstraint(fields=["entity", "code"], name="simple_one")]
