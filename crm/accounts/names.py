"""How people are found by typing: the pinyin of a name and its initials. Pure."""


def pinyin_of(name: str) -> str:
    """The name in pinyin without blanks and tones: 周敏 → zhoumin."""
    return "".join(_syllables(name))[:200]


def initials_of(name: str) -> str:
    """The first letter of each syllable: 周敏 → zm."""
    return "".join(syllable[:1] for syllable in _syllables(name))[:40]


def _syllables(name: str) -> list[str]:
    # Its dictionary takes a third of a second to load: not in every start of every command.
    from pypinyin import lazy_pinyin

    return [syllable.lower() for part in name.split() for syllable in lazy_pinyin(part)]
