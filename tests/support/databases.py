"""Databases of a test run."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connections

from sprechzeit.config.environment import database
from sprechzeit.operations import postgres_setup


@dataclass(frozen=True)
class Databases:
    """The run's cluster: `urls` per role, with `{database}` where the name goes; `current` is the test's own."""

    urls: Mapping[str, str]
    current: str = ""

    def url(self, role: str, name: str = "") -> str:
        """The address of a database for superuser, owner, app, backup, or listen (app, past any pooler)."""
        return self.urls[role].replace("{database}", name or self.current)

    def clone(self, name: str, *, template: str = "template") -> None:
        """A new copy of the migrated template, or of another that nobody is connected to."""
        postgres_setup.clone_database(self.url("superuser", "postgres"), template, name)

    def drop(self, name: str) -> None:
        """Remove it, whoever is connected."""
        postgres_setup.drop_database(self.url("superuser", "postgres"), name)


def stand_on(url: str) -> None:
    """Let Django's connection be one to this database."""
    connection = connections["default"]
    wanted = database(url)
    if any(connection.settings_dict.get(key) != value for key, value in wanted.items()):
        connections.close_all()
        connection.settings_dict.update(wanted)
