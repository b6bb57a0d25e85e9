"""Django's PostgreSQL, but that a kept connection is looked at before a request, and asked only if it shows a sign."""

from select import poll

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Named by `DATABASES`."""

    def is_usable(self) -> bool:
        """Whether a kept connection still stands.

        A server that ends says so and closes its side: something is to be read where nothing was asked. Only then the
        connection is asked itself, as Django does each time.
        """
        kept = self.connection
        if kept is not None and not kept.closed and not kept.broken:
            waiting = poll()
            waiting.register(kept.fileno())
            if not waiting.poll(0):
                return True
        return bool(super().is_usable())
