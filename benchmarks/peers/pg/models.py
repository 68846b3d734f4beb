"""The register as a user of django-pghistory would write it: triggers keep the events."""

import pghistory
from django.db import models


@pghistory.track()
class Entity(models.Model):
    source_id = models.CharField(max_length=200, unique=True)
    entity_type = models.CharField(max_length=50)
    display_name = models.CharField(max_length=500)

    class Meta:
        app_label = "pg"


@pghistory.track()
class Detail(models.Model):
    entity = models.ForeignKey(Entity, models.CASCADE)
    code = models.CharField(max_length=50)
    value = models.TextField()

    class Meta:
        app_label = "pg"
        constraints = [models.UniqueConstraint(fields=["entity", "code"], name="pg_one")]
