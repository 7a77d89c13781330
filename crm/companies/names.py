"""How company names are compared: keys, pinyin, phone numbers, nearness, exclusions. Pure.

Legal suffixes are set aside, so that 卡特彼勒有限公司 and 卡特彼勒 are one name; what stands in
brackets stays, because 卡特彼勒（徐州） and 卡特彼勒（中国） are two firms.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache

from rapidfuzz import fuzz

from search.analysis import normalise

KEY_LENGTH = 200
PINYIN_LENGTH = 800
PHONE_DIGITS = 7
"""A shorter run of digits is an extension or a room, not a phone number."""

NEAR = 70.0
"""From this similarity (of 100) on, two names may be one name misspelt."""

_SUFFIXES = (
    "股份有限公司", "有限责任公司", "集团有限公司", "控股有限公司", "有限公司", "股份公司",
    "总公司", "分公司", "公司", "集团", "控股", "股份",
)  # fmt: skip
_ENGLISH_SUFFIXES = frozenset(
    [
        "co",
        "ltd",
        "limited",
        "inc",
        "incorporated",
        "llc",
        "corporation",
        "corp",
        "gmbh",
        "ag",
        "kg",
        "plc",
        "company",
        "group",
        "holding",
        "holdings",
        "sa",
        "bv",
        "nv",
        "spa",
        "srl",
        "kk",
        "pte",
        "pty",
    ]
)
_RUN = re.compile(r"[^\W_]+")
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_SCRIPTS = re.compile(
    r"[\u3400-\u9fff\U00020000-\U0003ffff]+|[^\u3400-\u9fff\U00020000-\U0003ffff]+"
)
_WORD = re.compile(r"[a-z]+|[0-9]+|[^a-z0-9]+")
_EXTENSION = re.compile(r"(转|分机|ext\.?|#|;).*$", re.IGNORECASE | re.DOTALL)
_NOT_DIGIT = re.compile(r"[^0-9]")


def words_of(text: str) -> list[str]:
    """The unbroken runs of letters and digits of a text, in the form that search compares."""
    return _RUN.findall(normalise(text))


def fold_key(text: str) -> str:
    """The letters and digits of a text, folded: width, case, traditional characters, marks.

    A text without any, such as an emoji, stays as it is but for its blanks.
    """
    return "".join(words_of(text)) or "".join(unicodedata.normalize("NFKC", text).split())


@lru_cache(maxsize=20_000)
def name_key(name: str) -> str:
    """The form in which names are compared; empty only for a name of blanks.

    A name that consists of a legal suffix alone keeps it. At most 200 characters.
    """
    words = words_of(name)
    while len(words) > 1 and words[-1] in _ENGLISH_SUFFIXES:
        words.pop()
    key = "".join(words)
    while shorter := _without_suffix(key):
        key = shorter
    return (key or fold_key(name))[:KEY_LENGTH]


def _without_suffix(key: str) -> str:
    if key in _SUFFIXES:
        return ""
    for suffix in _SUFFIXES:
        if key.endswith(suffix) and len(key) > len(suffix):
            return key.removesuffix(suffix)
    return ""


def has_han(text: str) -> bool:
    """Whether a text has a Chinese character."""
    return _HAN.search(text) is not None


@lru_cache(maxsize=20_000)
def _word_syllables(word: str) -> tuple[str, ...]:
    from pypinyin import Style, lazy_pinyin

    return tuple(lazy_pinyin(word, style=Style.NORMAL, errors="default"))


@lru_cache(maxsize=1_000)
def _syllables(key: str) -> tuple[str, ...]:
    # Imported here: its dictionary takes a third of a second, not in every start of every command.
    from pypinyin.seg.mmseg import seg

    # Cut as the library itself would, but each word is worked out once: firms share most of them.
    return tuple(syllable for word in seg.cut(key) for syllable in _word_syllables(word))


def pinyin_of(text: str) -> str:
    """The pinyin of a text without blanks and tones; Latin letters and digits stay as they are.

    Empty for a text without Chinese characters: it is found by its key.
    """
    key = name_key(text)
    if not has_han(key):
        return ""
    return fold_key("".join(_syllables(key)))[:PINYIN_LENGTH]


def sounds_within(key: str, letters: str) -> bool:
    """Whether letters are the pinyin of whole characters that stand side by side in a key."""
    syllables = _syllables(key)
    for start in range(len(syllables)):
        sound = ""
        for syllable in syllables[start:]:
            sound += syllable
            if sound == letters:
                return True
            if not letters.startswith(sound):
                break
    return False


def initials_of(text: str) -> str:
    """The first letter of each syllable (徐工 → xg); Latin letters and digits stay whole."""
    key = name_key(text)
    if not has_han(key):
        return ""
    parts = _SCRIPTS.findall(key)
    letters = "".join(
        "".join(syllable[:1] for syllable in _syllables(part)) if has_han(part) else part
        for part in parts
    )
    return letters[:KEY_LENGTH]


def phone_key(text: str) -> str:
    """The digits by which phone numbers are compared; empty where there are fewer than seven.

    The country code of China, leading zeros and extensions are set aside, so that 0516-8765 4321
    and +86 516 87654321 are one number. Foreign numbers keep their country code.
    """
    plain = unicodedata.normalize("NFKC", text)
    digits = _NOT_DIGIT.sub("", _EXTENSION.sub("", plain))
    digits = digits.lstrip("0")
    if digits.startswith("86") and len(digits) >= 12:
        digits = digits[2:].lstrip("0")
    return digits[:20] if len(digits) >= PHONE_DIGITS else ""


def similarity(left: str, right: str, *, sounds: tuple[str, str] | None = None) -> float:
    """How near two name keys are, 0 to 100; names that sound alike count as near.

    `sounds` is the pinyin of both, where it is known already.
    """
    if left == right:
        return 100.0
    score = fuzz.ratio(left, right)
    if has_han(left) and has_han(right) and abs(len(left) - len(right)) <= 1:
        one, other = sounds or (pinyin_of(left), pinyin_of(right))
        sound = fuzz.ratio(one, other)
        # A wrong character with the right sound is the commonest slip of a pinyin keyboard.
        score = max(score, sound - 5 if sound >= 95 else 0.0)
    return score


def pairs_of(key: str, most: int = 8) -> list[str]:
    """Pairs of neighbouring characters side by side; one slip leaves at least one of them whole."""
    starts = [*range(0, len(key) - 1, 2), len(key) - 2]
    return list(dict.fromkeys(key[at : at + 2] for at in starts if at >= 0))[:most]


def parts_of(key: str, *, longest: int = 40) -> list[str]:
    """Every part of two or more characters of a key, up to `longest` characters of it."""
    key = key[:longest]
    ends = range(2, len(key) + 1)
    return list(dict.fromkeys(key[start:end] for end in ends for start in range(end - 1)))


def starts_word(text: str, part: str) -> bool:
    """Whether `part` begins a word of a name: after a blank, a bracket or a change of script."""
    for run in words_of(text):
        place = 0
        for piece in _WORD.findall(run):
            if run.startswith(part, place):
                return True
            place += len(piece)
    return False


def stands_alone(text: str, part: str) -> bool:
    """Whether a name of Latin letters or digits stands in a text as words of their own.

    CAT is not found in catering; a name with Chinese characters may stand anywhere.
    """
    if has_han(part):
        return True
    pieces = [piece for run in words_of(text) for piece in _WORD.findall(run)]
    for start in range(len(pieces)):
        joined = ""
        for piece in pieces[start:]:
            joined += piece
            if joined == part:
                return True
            if not part.startswith(joined):
                break
    return False


def means_other(text: str, name: str, excluded: Collection[str]) -> bool:
    """Whether a name occurs in a text only inside strings that mean something else.

    All three are keys made by `fold_key` or `name_key`: 徐工程师 is not 徐工.
    """
    places = list(_places(text, name))
    if not places or not excluded:
        return False
    inside = [(start, start + len(other)) for other in excluded for start in _places(text, other)]
    return all(
        any(start <= place and place + len(name) <= end for start, end in inside)
        for place in places
    )


def _places(text: str, part: str) -> Iterator[int]:
    at = text.find(part) if part else -1
    while at >= 0:
        yield at
        at = text.find(part, at + 1)
