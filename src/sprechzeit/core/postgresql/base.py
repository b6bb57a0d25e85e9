"""Django's PostgreSQL, but that a kept connection is looked at before a request, and asked only if it shows a sign."""

from select import poll

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus


class DatabaseWrapper(base.DatabaseWrapper):
    """Named by `DATABASES`."""

    def is_usable(self) -> bool:
        """Whether a kept connection still stands.

        A server that ends says so and closes its side: something is to be read where nothing was asked. Only then the
        connection is asked itself, as Django does each time; so is one that is not at rest: quiet, but of no use.
        """
        kept = self.connection
        if kept is not None and kept.info.transaction_status == TransactionStatus.IDLE:
            waiting = poll()
            waiting.register(kept.fileno())
            if not waiting.poll(0):
                return True
        return bool(super().is_usable())
