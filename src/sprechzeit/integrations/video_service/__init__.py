"""The video service of others to which appointments are pushed (PUSH-2…10). Nothing comes back from there."""
