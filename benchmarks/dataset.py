"""Fills an empty database with a large, plausible and reproducible data set, by bulk inserts."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert

from crm.accounts.models import Team, User
from crm.companies.kinds import HonourKind, NameKind
from crm.companies.models import Company, CompanyName, Contact, Honour
from crm.companies.names import initials_of, name_key, pinyin_of
from crm.core.base import Base
from crm.core.permissions import Role, Visibility
from crm.extensions import db
from crm.interactions.kinds import InteractionKind, Outcome
from crm.interactions.models import Interaction, Participant, interaction_companies
from crm.leads.models import FirstReport, Lead, LeadPerson, StageEntry, StatusEntry
from crm.leads.reached import refresh_reached
from crm.leads.stages import Stage, Status

SYLLABLES = "恒瑞华东启明远航星光海川云岭铁牛格林汉森莱茵锐拓蓝芯北辰东岳金穗龙腾天工巨力"
TRADES = [
    "液压",
    "精工",
    "传动",
    "电控",
    "轴承",
    "铸造",
    "新材料",
    "半导体",
    "光伏",
    "储能",
    "钠电",
    "装备",
]
PHRASES = [
    "看了老厂，两条线都满产，热处理外协",
    "企业希望进入主机厂供应商准入评审，请园区帮忙对接采购窗口",
    "用地口径下周给，能耗指标问得比较细",
    "股东里有产业基金，决策要过投委会，日期未定",
    "对标准厂房层高和行车吨位有要求",
    "含氟废水没有，涂装线要上，关心环评周期",
    "还要等总部批复，预计下月董事会上会",
    "财务总监说贷款六成，固投口径要再核",
    "想要两百亩左右，先做一期，二期再上总成",
    "园区人才公寓和子女入学问得多，已寄送政策条款",
    "同行在外地拿了地，企业在比较物流成本",
    "设备已订，希望年内开工，催我们供地进度",
]


def fill(*, companies: int, leads: int, notes: int, today: date, seed: int = 7) -> None:
    """Insert the data set; the database must be migrated and empty. Commits."""
    rng = random.Random(seed)
    made = datetime.combine(today, datetime.min.time(), tzinfo=UTC)
    _people(made)
    names = _companies(companies, rng, made)
    _leads(leads, companies, names, rng, today, made)
    _notes(notes, leads, companies, rng, today, made)
    db.session.commit()


def _put(model: type[Base] | Table, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), 5000):
        db.session.execute(insert(model), rows[start : start + 5000])


def _people(made: datetime) -> None:
    _put(Team, [{"id": n, "name": f"示例科室{n}", "active": True} for n in range(1, 9)])
    rows = []
    for n in range(1, 61):
        role = Role.MANAGER if n <= 2 else Role.TEAM_LEAD if n <= 10 else Role.OFFICER
        rows.append(
            {
                "id": n,
                "username": f"user{n}",
                "name": f"示例{SYLLABLES[n % len(SYLLABLES)]}{n}",
                "role": role,
                "team_id": n % 8 + 1,
                "must_change_password": False,
                "is_enabled": True,
                "can_export": False,
                "created_at": made,
                "updated_at": made,
                "preferences": {},
            }
        )
    _put(User, rows)


def _companies(count: int, rng: random.Random, made: datetime) -> list[str]:
    companies, names, honours, contacts = [], [], [], []
    full_names = []
    kinds = list(HonourKind)
    for n in range(1, count + 1):
        stem = "示例" + "".join(rng.sample(SYLLABLES, 2)) + rng.choice(TRADES) + str(n)
        full = f"{stem}科技有限公司"
        full_names.append(stem)
        companies.append(
            {
                "id": n,
                "ref": f"B{n}",
                "name": full,
                "short_name": stem,
                "region": rng.choice(["江苏 苏州", "浙江 宁波", "广东 深圳", "德国", "日本"]),
                "in_zone": n % 20 == 0,
                "is_anchor": False,
                "created_at": made,
                "updated_at": made,
            }
        )
        for text, kind in ((full, NameKind.FULL), (stem, NameKind.SHORT)):
            names.append(
                {
                    "company_id": n,
                    "name": text,
                    "kind": kind,
                    "key": name_key(text),
                    "pinyin": pinyin_of(name_key(text)),
                    "initials": initials_of(name_key(text)),
                }
            )
        honours.append(
            {"company_id": n, "kind": kinds[n % len(kinds)], "year": 2025, "valid_until": None}
        )
        contacts.append(
            {"company_id": n, "name": f"示例联系人{n}", "created_at": made, "updated_at": made}
        )
    _put(Company, companies)
    _put(CompanyName, names)
    _put(Honour, honours)
    _put(Contact, contacts)
    return full_names


def _leads(
    count: int, companies: int, names: list[str], rng: random.Random, today: date, made: datetime
) -> None:
    leads, entries, statuses, reports, people = [], [], [], [], []
    stages = list(Stage)
    for n in range(1, count + 1):
        company = rng.randint(1, companies)
        stage = rng.choices(stages, [40, 30, 18, 7, 5])[0]
        received = today - timedelta(days=rng.randint(5, 700))
        owner = rng.randint(3, 60)
        contact = received + timedelta(days=rng.randint(0, max(0, (today - received).days)))
        leads.append(
            {
                "id": n,
                "ref": f"L{n}",
                "title": f"{names[company - 1]}扩产项目{n}",
                "company_id": company,
                "received_on": received,
                "registrar_id": owner,
                "owner_id": owner,
                "team_id": owner % 8 + 1,
                "visibility": rng.choices(list(Visibility), [60, 30, 10])[0],
                "stage": stage,
                "status": Status.ACTIVE if n % 8 else Status.PAUSED,
                "stage_since": received,
                "investment_wan_cny": rng.randint(1000, 500_000),
                "land_mu": rng.randint(10, 500),
                "is_no1": False,
                "unavailable": [],
                "typed": {},
                "last_contact_on": contact,
                "contact_count": 5,
                "face_count": 2,
                "next_step": "回访",
                "next_on": today + timedelta(days=rng.randint(-20, 40)),
                "created_at": made,
                "updated_at": made,
            }
        )
        entries += [
            {"lead_id": n, "to_stage": step, "entered_on": received, "is_historical": True}
            for step in stages[: stages.index(stage) + 1]
        ]
        statuses.append({"lead_id": n, "to_status": Status.ACTIVE, "changed_on": received})
        reports.append({"lead_id": n, "reported_on": received, "company_name": names[company - 1]})
        if n % 10 == 0:
            people.append({"lead_id": n, "user_id": rng.randint(3, 60)})
    _put(Lead, leads)
    _put(StageEntry, entries)
    refresh_reached([row["lead_id"] for row in entries])
    _put(StatusEntry, statuses)
    _put(FirstReport, reports)
    _put(LeadPerson, people)


def _notes(
    count: int, leads: int, companies: int, rng: random.Random, today: date, made: datetime
) -> None:
    company_of = dict(db.session.execute(db.select(Lead.id, Lead.company_id)).tuples().all())
    notes, firms, people = [], [], []
    for n in range(1, count + 1):
        lead = rng.randint(1, leads) if n % 5 else None
        author = rng.randint(3, 60)
        text = (
            "。".join(rng.sample(PHRASES, 3))
            + f"。一期投{rng.randint(1, 90) / 10}亿，用地{n % 400}亩。"
        )
        notes.append(
            {
                "id": n,
                "kind": rng.choice(list(InteractionKind)),
                "occurred_on": today - timedelta(days=rng.randint(0, 700)),
                "text": text,
                "outcome": rng.choice(list(Outcome)),
                "lead_id": lead,
                "author_id": author,
                "next_owner_id": author,
                "next_step": "",
                "created_at": made,
                "updated_at": made,
            }
        )
        company = company_of[lead] if lead else rng.randint(1, companies)
        firms.append({"interaction_id": n, "company_id": company})
        people.append({"interaction_id": n, "user_id": author, "team_id": author % 8 + 1})
    _put(Interaction, notes)
    _put(interaction_companies, firms)
    _put(Participant, people)
