"""Marks: the values of a document that a query may ask for beside its words. Pure.

A mark is a short token such as `kind:visit`, `company:7` or `cny:11.35`. Amounts and dates are
marked so that a range is a short list of marks: an amount by its order of magnitude and its first
one, two, three and four digits, a date by its year, month and day. Both engines then answer a
range by the same look-up as any other word, in the order in which they keep it.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from search import phones
from search.analysis import normalise
from search.document import Document
from search.quantities import Quantity, extract, measures

_DIGITS = 4
"""Leading digits by which a range tells amounts apart."""

_LOWEST, _HIGHEST = -6, 24
"""Orders of magnitude that a range without an end reaches to."""

_EXACT = 12
_LONGEST_WORD = 24
_ADDED = (
    (timedelta(days=1), "%Y%m%d"),
    (timedelta(hours=1), "%Y%m%d%H"),
    (timedelta(minutes=1), "%Y%m%d%H%M"),
    (timedelta(seconds=1), "%Y%m%d%H%M%S"),
)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MOST_DAYS = 400
_LATIN = re.compile(r"[a-z]{2,}")
_LOW, _HIGH = 10 ** (_DIGITS - 1), 10**_DIGITS - 1


def marks_of(document: Document) -> frozenset[str]:
    """Every mark of a document, amounts in its title, text and tags among them."""
    return frozenset(_marks(document))


def _marks(document: Document) -> Iterator[str]:
    yield f"type:{document.type}"
    if document.type == "company":
        yield f"is:company:{document.id}"
    for link in document.companies:
        yield f"company:{link.id}"
    values = {
        "stage": document.stage, "status": document.status, "team": document.team,
        "owner": document.owner, "kind": document.kind,
    }  # fmt: skip
    for name, value in values.items():
        if value is not None:
            yield f"{name}:{value}"
    if document.type == "lead":
        yield from _own_marks(document)
    since = document.stage_since or document.occurred_on
    if document.stage is not None and since is not None:
        # By the day it was entered, and for what belongs to a lead the day of its own.
        yield from (f"stage:{document.stage}:{day}" for day in _forms(since))
    for day in filter(None, {document.occurred_on, *document.days, document.stage_since}):
        yield from day_marks(day)
    yield from added_marks(document.added_at)
    yield from _marks_in_texts(document)


def _marks_in_texts(document: Document) -> Iterator[str]:
    """The marks of Latin words, amounts and phone numbers."""
    for text in (document.title, document.text, *document.names, *document.about):
        yield from map(word_mark, _LATIN.findall(normalise(text)))
    for text in (document.title, document.text, *document.tags):
        for quantity in extract(text):
            yield from marks_of_amount(quantity)
    yield from map(phone_mark, phones.find(document.text))


def _own_marks(document: Document) -> Iterator[str]:
    """The marks of a record that is in a stage itself, and does not merely belong to one."""
    if document.status is not None:
        yield f"is:status:{document.status}"
    if document.stage is not None:
        yield f"is:stage:{document.stage}"
    if document.company is not None:
        yield f"is:of:{document.company.id}"


def phone_mark(digits: str) -> str:
    """The mark of a text with this phone number."""
    return f"phone:{digits}"


def word_mark(word: str) -> str:
    """The mark of a Latin word that stands by itself."""
    return f"word:{word[:_LONGEST_WORD]}"


def exactly(dimension: str, value: Fraction) -> str:
    """The mark of one amount."""
    digits, exponent = _scientific(value, _EXACT)
    text = str(digits).rstrip("0") or "0"
    return f"{dimension}={exponent}.{text}"


def marks_of_amount(quantity: Quantity) -> Iterator[str]:
    """The marks of an amount in a text, in every dimension it is a measure of."""
    for dimension, value in measures(quantity):
        yield from amount_marks(dimension, value)


def amount_marks(dimension: str, value: Fraction) -> Iterator[str]:
    """The marks of one amount: itself, and its leading digits."""
    yield exactly(dimension, value)
    digits, exponent = _scientific(value, _DIGITS)
    if digits:
        for length in range(_DIGITS + 1):
            yield f"{dimension}~{exponent}.{str(digits)[:length]}"


def between(
    dimension: str, low: Fraction | None, high: Fraction | None
) -> tuple[list[str], list[str]]:
    """The marks of all amounts from `low` to `high`, both included, None for no end.

    First those of about the size of the end that is given, then those many times more or less.
    Exact for ends of up to four digits; a longer lower end is taken to four digits downwards.
    """
    first = _scientific(low, _DIGITS) if low else (_LOW, _LOWEST)
    last = _scientific(high, _DIGITS) if high else (_HIGH, _HIGHEST)
    near: list[str] = []
    far: list[str] = []
    for exponent in range(max(first[1], _LOWEST), min(last[1], _HIGHEST) + 1):
        start = first[0] if exponent == first[1] else _LOW
        end = last[0] if exponent == last[1] else _HIGH
        if high and exponent == last[1]:
            # Of the amounts that begin with the digits of the end, the end itself alone is inside.
            near.append(exactly(dimension, high))
            end -= _is_whole(high, last)
        is_far = (low and not high and exponent > first[1] + 1) or (
            high and not low and exponent < last[1] - 1
        )
        (far if is_far else near).extend(
            f"{dimension}~{exponent}.{lead}" for lead in _covering(start, end)
        )
    return near, far


def _is_whole(value: Fraction, taken: tuple[int, int]) -> bool:
    """Whether a value has no further digits than those that were taken."""
    digits, exponent = taken
    return value == digits * Fraction(10) ** (exponent - _DIGITS + 1)


def day_marks(day: date) -> Iterator[str]:
    """The marks of one date."""
    return (f"day:{form}" for form in _forms(day))


def _forms(day: date) -> tuple[str, str, str]:
    return f"{day:%Y%m%d}", f"{day:%Y%m}", f"{day:%Y}"


def days_between(first: date, last: date) -> list[str]:
    """The marks of all dates from `first` to `last`, both included, as years, months and days."""
    found: list[str] = []
    day = first
    while day <= last:
        year_end, month_end = date(day.year, 12, 31), _month_end(day)
        if day.day == 1 and day.month == 1 and year_end <= last:
            found.append(f"day:{day:%Y}")
            day = year_end
        elif day.day == 1 and month_end <= last:
            found.append(f"day:{day:%Y%m}")
            day = month_end
        else:
            found.append(f"day:{day:%Y%m%d}")
        if day == date.max:
            break
        day += timedelta(days=1)
    return found


def added_marks(moment: datetime | None) -> Iterator[str]:
    """The marks of when a record came in: the day, hour, minute and second, in UTC."""
    if moment is None:
        return
    for _span, form in _ADDED:
        yield f"added:{moment.astimezone(UTC):{form}}"


def added_between(first: datetime, last: datetime) -> list[str]:
    """The marks of all seconds from that of `first` to the end of the minute of `last`.

    Whole minutes, hours and days stand for their seconds. A span of more than `_MOST_DAYS` days
    begins so many days before its end; of one that ends before it begins its first second is left.
    """
    end = last.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    begin = max(first.astimezone(UTC), end - timedelta(days=_MOST_DAYS)).replace(microsecond=0)
    moment = begin
    found: list[str] = []
    while moment < end:
        span, form = next(
            (span, form)
            for span, form in _ADDED
            if moment + span <= end and not (moment - _EPOCH) % span
        )
        found.append(f"added:{moment:{form}}")
        moment += span
    return found or [f"added:{begin:{_ADDED[-1][1]}}"]


def company_marks(ids: Iterable[int]) -> tuple[str, ...]:
    """The marks of documents that belong to these companies."""
    return tuple(f"company:{company_id}" for company_id in ids)


def _month_end(day: date) -> date:
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1) if day.year < 9999 else None
    return following - timedelta(days=1) if following else date(day.year, day.month, 28)


def _scientific(value: Fraction, digits: int) -> tuple[int, int]:
    """The first `digits` digits of a value and its order of magnitude: 350 → (3500, 2) for four."""
    if value <= 0:
        return 0, 0
    exponent = len(str(int(value))) - 1 if value >= 1 else -len(str(int(1 / value)))
    scaled = value * Fraction(10) ** (digits - 1 - exponent)
    while scaled >= 10**digits:
        scaled /= 10
        exponent += 1
    while scaled < 10 ** (digits - 1):
        scaled *= 10
        exponent -= 1
    return int(scaled), exponent


def _covering(start: int, end: int, length: int = _DIGITS, lead: str = "") -> Iterator[str]:
    """The fewest leading digits that stand for exactly the numbers from `start` to `end`.

    Both have four digits; `lead` are those chosen so far.
    """
    width = 10 ** (length - len(lead))
    low = int(lead) * width if lead else _LOW
    high = low + width - 1 if lead else _HIGH
    if end < low or start > high:
        return
    if start <= low and high <= end:
        yield lead
        return
    for digit in range(0 if lead else 1, 10):
        yield from _covering(start, end, length, f"{lead}{digit}")
