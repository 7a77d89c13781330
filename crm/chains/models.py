"""Tables of chains: the nodes, as reference data."""

from sqlalchemy import JSON, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.base import Base


class ChainNode(Base):
    """One link of an industry chain, such as `cm.hyd` 液压系统 of chain `cm` 工程机械."""

    __tablename__ = "chain_nodes"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    chain: Mapped[str] = mapped_column(String(20), index=True)
    chain_name: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(10))
    aka: Mapped[list[str]] = mapped_column(JSON, default=list)
    position: Mapped[int] = mapped_column(Integer, default=0)
