"""A lexicon with a few firms and people, for the reader's tests."""

from collections.abc import Collection, Mapping, Sequence

from search.query import Meaning
from search.understanding import Firm, Label, Person, PlainLexicon, Synonyms

XU = Firm(1, "徐工集团", ("徐工集团", "徐工", "xcmg"))
KA = Firm(2, "卡特彼勒", ("卡特彼勒", "卡特", "caterpillar", "cat"))
HENG = Firm(3, "示例恒履底盘有限公司", ("示例恒履底盘", "恒履底盘"))
GROUP = Firm(4, "示例昆峰集团", ("示例昆峰", "昆峰"), members=(5,))
SOUNDS = {"xugong": XU, "xg": XU, "kate": KA, "katebile": KA, "徐gong": XU}
SLIPS = {"卡特比勒": KA, "徐功": XU}
SIGNED = Label(Meaning.STAGE, "signed", "签约", ("stage:signed",), event=True)
TALKS = Label(Meaning.STAGE, "negotiating", "深度洽谈", ("stage:negotiating",))
LOST = Label(Meaning.STATUS, "lost", "流失", ("status:lost",))
VISIT = Label(Meaning.KIND, "visit", "拜访", ("kind:visit",))
LU = Person(7, "陆知行")


class KnownLexicon(PlainLexicon):
    """Knows the firms and people above."""

    def __init__(self) -> None:
        super().__init__(
            Synonyms.of(
                [["负极", "负极材料"], ["挖机", "挖掘机"], ["流失", "没谈成"], ["碳化硅", "SiC"]],
                [("负极", ["硬碳"])],
            ),
            {label.text: label for label in (SIGNED, TALKS, LOST, VISIT)},
        )

    def firms_named(self, terms: Collection[str]) -> Mapping[str, Sequence[Firm]]:
        firms = (XU, KA, HENG, GROUP)
        return {term: [one for one in firms if term in one.names] for term in terms
                if any(term in one.names for one in firms)}  # fmt: skip

    def firms_beginning(self, term: str) -> Sequence[Firm]:
        return [HENG] if "恒履底盘".startswith(term) else ()

    def firms_sounding(self, letters: str) -> Sequence[Firm]:
        return [SOUNDS[letters]] if letters in SOUNDS else ()

    def firms_coded(self, text: str) -> Sequence[Firm]:
        return [HENG] if text.replace(" ", "") in ("13952100018", "91320301000006330D") else ()

    def firms_like(self, term: str) -> Sequence[tuple[Firm, str]]:
        return [(SLIPS[term], SLIPS[term].name)] if term in SLIPS else ()

    def people_named(self, terms: Collection[str]) -> Mapping[str, Sequence[Person]]:
        return {term: [LU] for term in terms if term in ("陆知行", "luzhixing")}

    def people_like(self, term: str) -> Sequence[Person]:
        return [LU] if term == "卢知行" else ()

    def other_meanings(self, name: str) -> tuple[str, ...]:
        others = ("徐工程师", "卡特尔", "皮卡特种")
        return tuple(one for one in others if name in one)

    def longer_names(self, names: Collection[str], firms: Sequence[Firm]) -> tuple[str, ...]:
        return ("昆峰山庄",) if "昆峰" in names else ()
