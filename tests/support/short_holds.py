"""The program as it is, but for one number: a time is kept for one minute, not for ten."""

from sprechzeit.config.dispatcher import application
from sprechzeit.partners import practice
from sprechzeit.scheduling.actions import hold

for module in (hold, practice):
    vars(module)["HOLD_MINUTES"] = 1

__all__ = ["application"]
