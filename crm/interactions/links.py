"""The columns of leads that interactions show and are guarded by.

Leads stand above interactions, so their models cannot be imported here.
"""

from datetime import date

from sqlalchemy import Date, Integer, String, column, table

from crm.core.base import enum_type
from crm.core.permissions import Visibility

LEAD = table(
    "leads",
    column("id", Integer),
    column("ref", String),
    column("title", String),
    column("company_id", Integer),
    column("stage", String),
    column("status", String),
    column("visibility", enum_type(Visibility)),
    column("team_id", Integer),
    column("owner_id", Integer),
    column("received_on", Date),
)

# No zone of today kept notes before; an earlier day is a slip of the keyboard.
EARLIEST = date(1980, 1, 1)
