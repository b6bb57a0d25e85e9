"""Files of patients from other programs: read, understood, and turned into facts of records (PAT-5)."""
