"""Sets Django up for this process: with the bench's settings and secrets of its own."""

import os
import secrets

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
for _name in ("SPRECHZEIT_SECRET_KEY", "SPRECHZEIT_MASTER_KEY"):
    os.environ.setdefault(_name, secrets.token_urlsafe(32))
django.setup()
