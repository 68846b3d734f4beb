"""How long hypothesis looks: ``quick`` inside ``make test``, ``long`` inside ``make test-all``.

Imported by the root conftest, so that ``--hypothesis-profile=long`` is known on the command line.
It imports nothing of Django.
"""

from hypothesis import HealthCheck, settings

# An example is a whole history in a database: what is slow there is not the generator.
_COMMON = settings(
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

settings.register_profile("quick", _COMMON, max_examples=20)
settings.register_profile("long", _COMMON, max_examples=400)
settings.load_profile("quick")
