"""Backup, its proof, and restore (OPS-21). Why it is as it is: docs/decisions/0014-backup.md."""

MANIFEST, DATABASE, DIGESTS = "manifest", "database", "digests"
# Of a backup's file, and of one that is being written.
SUFFIX, PART = ".szbackup", ".part"
