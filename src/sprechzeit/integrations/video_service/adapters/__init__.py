"""The video services that are spoken to, one file each. A file that is put here is one more (PUSH-9)."""
