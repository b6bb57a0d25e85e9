"""A member's own backup: an archive that is read without Sprechzeit (OPS-20, docs/decisions/0017)."""
