"""Trade terms that officers use for one thing, as the product keeps and edits them."""

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.base import Base, Id, Stamped


class SynonymGroup(Base, Stamped):
    """A group of terms.

    Without `wider` all of them mean the same; with it they are narrower terms that a search for
    the wider one finds as well, not the reverse.
    """

    __tablename__ = "synonym_groups"

    id: Mapped[Id]
    wider: Mapped[str] = mapped_column(String(60), default="", server_default="")
    terms: Mapped[list[str]] = mapped_column(JSON)
