"""The product's settings; beside its pages stand the two that everything is compared with."""

from sprechzeit.config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.reference"
# A refusal is part of the work here; a line for each would be measured with it.
LOGGING = {**LOGGING, "loggers": {"django.request": {"level": "ERROR"}}}  # noqa: F405
