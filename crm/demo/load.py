"""Fills an empty database with the demo data."""

from datetime import timedelta

from sqlalchemy import select

from crm.accounts.models import User
from crm.chains.models import ChainNode
from crm.companies.models import Company
from crm.core import clock
from crm.core.errors import Conflict
from crm.core.labels import N_
from crm.core.pagination import exists_rows
from crm.core.unit_of_work import unit_of_work
from crm.demo import people
from crm.demo.firms import make_firms, make_zone_firms
from crm.demo.plans import make_plans
from crm.demo.playing import Player
from crm.demo.reading import firms

_BEFORE = timedelta(days=560)


def load() -> None:
    """Load the demo data, all or nothing. Raises Conflict where the database is not empty."""
    with unit_of_work() as session:
        if exists_rows(select(User.id)) or exists_rows(select(Company.id)):
            raise Conflict(N_("数据库里已有数据，示例数据只装入空库。"))
        today = clock.today()
        # The firms were there before the first lead was taken in.
        with clock.frozen(clock.now() - _BEFORE):
            cast = people.make_people()
            zone = make_zone_firms(today)
            placed = make_firms(firms(), cast, today, today)
        query = select(ChainNode.id, ChainNode.name)
        nodes = {row.id: row.name for row in session.execute(query)}
        Player(cast, zone, nodes).play(make_plans(placed, cast), placed)


def sign_ins() -> list[str]:
    """The lines that name the demo's accounts; empty when the database holds no demo data."""
    if not exists_rows(select(Company.id).where(Company.ref == "demo-zone-徐工集团")):
        return []
    lines = [f"示例账户（公开，密码均为 {people.PASSWORD}）："]
    lines += [f"  {username:<10} {shown}" for username, shown in people.shown_accounts()]
    return lines
