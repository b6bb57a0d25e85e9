"""Who may sign in, and the mails of signing in."""

from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from sprechzeit.accounts.workplace import Workplace
from sprechzeit.core.crypto import DataKey, derived
from sprechzeit.core.fields import SealedText
from sprechzeit.core.ids import new_id
from sprechzeit.core.rows import fetch


class UserManager(BaseUserManager["User"]):
    """Makes users; an e-mail address is compared without regard to case."""

    def create_user(self, email: str, password: str | None = None, name: str = "") -> "User":
        user = self.model(email=email.strip().lower(), name=name)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A login: e-mail and password. What it may do is said by its memberships in practices."""

    PERSONAL_DATA = "Name, e-mail address and language of somebody who works with the program."
    RETENTION = "account"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(_("E-mail"), max_length=254)
    name = models.CharField(_("Name"), max_length=120)
    language = models.CharField(_("Language"), max_length=2, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # Of the second factor, since one was right (accounts/guessing.py).
    wrong_codes = models.PositiveIntegerField(default=0)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_per_email")]

    def get_full_name(self) -> str:
        return self.name

    @cached_property
    def workplaces(self) -> list[Workplace]:
        """Where they work; found together with the user of a session (`accounts/sessions.py`)."""
        return [Workplace._make(row) for row in fetch("SELECT * FROM memberships_of(%s)", [self.pk])]


class InstallationSealedText(SealedText):
    """A sealed text that belongs to no practice: its key is derived from the installation's own."""

    def key_for(self, instance: models.Model) -> DataKey:
        return DataKey(UUID(int=0), derived("accounts"))

    def key_that_sealed(self, instance: models.Model, sealed: bytes) -> DataKey:
        return self.key_for(instance)


class AccountMail(models.Model):
    """A mail about signing in that waits to be sent; deleted once the mail server has it.

    It carries links that open an account, so it is sealed.
    """

    PERSONAL_DATA = "Address and text of a mail to a user."
    RETENTION = "until sent"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=250)
    text = InstallationSealedText()
    html = InstallationSealedText(null=True)
    created_at = models.DateTimeField(auto_now_add=True)


class Session(AbstractBaseSession):
    """A browser's visit; with `user`, a device that is signed in.

    `last_used_at` is noted every few minutes only.
    """

    PERSONAL_DATA = "On which device somebody who works with the program is signed in, since when, and when last used."
    RETENTION = "day"

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    browser = models.CharField(max_length=20, blank=True)
    system = models.CharField(max_length=20, blank=True)
    signed_in_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField()

    @classmethod
    def get_session_store_class(cls) -> type:
        """Who reads and writes it."""
        from sprechzeit.accounts.sessions import SessionStore

        return SessionStore
