"""What a member may be refused here."""

from django.utils.translation import gettext_lazy as _

from sprechzeit.core.errors import DomainError


class BackupUnderWay(DomainError):
    """A backup of theirs is being made already."""

    code = "backup_under_way"
    status = 409
    message = _("Your backup is being made already. Another one can be made when it is ready.")
