"""Companies, their names, honours and contacts."""

import factory
from stdnum.cn.uscc import calc_check_digit

from crm.companies import names
from crm.companies.kinds import DecisionRole, HonourKind, HonourLevel, NameKind, valid_until
from crm.companies.models import Company, CompanyName, Contact, Honour
from tests.factories.base import Factory


def make_uscc(number: int) -> str:
    """A unified social credit code with right check digits; different for different numbers."""
    organisation = f"{number % 10**8:08d}"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    rest = (
        11
        - sum(int(digit) * weight for digit, weight in zip(organisation, weights, strict=True)) % 11
    )
    inner = {10: "X", 11: "0"}.get(rest, str(rest))
    body = f"91320301{organisation}{inner}"
    return body + calc_check_digit(body)


def name_row(name: str, kind: NameKind) -> CompanyName:
    """A name with the keys it is found by."""
    key = names.name_key(name)
    return CompanyName(
        name=name, kind=kind, key=key, pinyin=names.pinyin_of(key), initials=names.initials_of(key)
    )


class CompanyFactory(Factory):
    """A made-up firm; `aliases=["…"]` are further names of it."""

    class Meta:
        model = Company
        exclude = ("aliases",)

    aliases: tuple[str, ...] = ()
    name = factory.Sequence(lambda n: f"示例第{n}机械有限公司")
    uscc = factory.Sequence(lambda n: make_uscc(n + 1))
    region = "江苏徐州"
    names = factory.LazyAttribute(lambda made: _all_names(made))  # noqa: PLW0108 - defined below


def _all_names(made: factory.builder.Resolver) -> list[CompanyName]:
    rows = [name_row(made.name, NameKind.FULL)]
    short = getattr(made, "short_name", "")
    if short:
        rows.append(name_row(short, NameKind.SHORT))
    return rows + [name_row(alias, NameKind.BRAND) for alias in made.aliases]


class HonourFactory(Factory):
    """A national title of last year."""

    class Meta:
        model = Honour

    company = factory.SubFactory(CompanyFactory)
    kind = HonourKind.LITTLE_GIANT
    level = HonourLevel.NATIONAL
    year = 2025
    valid_until = factory.LazyAttribute(lambda made: valid_until(made.kind, made.year))


class ContactFactory(Factory):
    """A person at a company who decides."""

    class Meta:
        model = Contact

    company = factory.SubFactory(CompanyFactory)
    name = factory.Sequence(lambda n: f"示例经理{n}")
    title = "总经理"
    decision_role = DecisionRole.DECIDES
    phone = factory.Sequence(lambda n: f"139{n % 10**8:08d}")
    phone_key = factory.LazyAttribute(lambda made: names.phone_key(made.phone))
