"""The product's settings; beside its pages stand the two that everything is compared with."""

from sprechzeit.config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.reference"
