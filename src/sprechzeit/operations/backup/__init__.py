"""Backup, its proof, and restore (OPS-21). Why it is as it is: docs/decisions/0014-backup.md."""

MANIFEST, DATABASE, DIGESTS, PRACTICE = "manifest", "database", "digests", "practice"
# Of a backup's file, of one that is being written, and of the log's heads beside it.
SUFFIX, PART, HEADS_SUFFIX = ".szbackup", ".part", ".heads"
# How a backup's name begins: when it was made.
STAMP = "sprechzeit-%Y%m%d-%H%M%S"
