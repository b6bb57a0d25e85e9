"""Tables without domain: limits against abuse, versions. (The cache's table is made by the first migration.)"""

from django.db import models


class Attempts(models.Model):
    """How often something limited was tried by one key (an address, an e-mail) within one window of time.

    Written in a transaction of its own before the work, so that refused attempts count too.
    """

    PERSONAL_DATA = "The key is a salted hash of an address or e-mail; it goes with its window."
    RETENTION = "window"

    scope = models.CharField(max_length=40)
    key = models.BinaryField(max_length=32)
    window_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint("scope", "key", "window_at", name="attempts_once_a_window")]
        indexes = [models.Index(fields=["window_at"], name="attempts_by_window")]


class Version(models.Model):
    """The version of something that a process may remember, see versions.py: of a practice, a calendar, a space.

    Derived and of nobody's practice, since a space belongs to none; a missing row is a version as well.
    """

    PERSONAL_DATA = "None."
    RETENTION = "practice"

    subject = models.UUIDField(primary_key=True)
    version = models.UUIDField()
