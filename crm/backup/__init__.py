"""One archive with everything: the records of every table, and the attachments.

The archive is a ZIP of JSON lines, the same for SQLite and PostgreSQL, so that a backup of one can
be restored into the other. It is read in one snapshot while people work. Signed-in sessions, counted
sign-in tries and the search queue stay out: a restore must not bring ended sessions back, and the
search index is built anew.
"""

from crm.backup.archive import BackupError
from crm.backup.restoring import restore
from crm.backup.saving import save

__all__ = ["BackupError", "restore", "save"]
