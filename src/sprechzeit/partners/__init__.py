"""The door for booking portals of others: the signed interface `/api/otv/v1` (OTV-1…13)."""
