"""Groups of trade terms: how they are written, what contradicts."""

import pytest

from crm.find.terms import Group, holder_of, joined, loop, narrower_of, repeated, split

SAME = Group("", ("标准厂房", "标厂"))
NARROWER = Group("负极", ("硬碳", "人造石墨"))


def test_a_typed_list_is_cut_at_every_usual_separator() -> None:
    assert split(" 标准厂房、标厂，standard  plant\n厂房；；车间 ") == (
        "标准厂房", "标厂", "standard plant", "厂房", "车间",
    )  # fmt: skip
    assert split("、，\n") == ()


def test_the_same_term_written_otherwise_is_a_repetition() -> None:
    assert repeated(["SiC", "碳化硅", "ＳｉＣ"]) == "ＳｉＣ"
    assert repeated(["SiC", "碳化硅"]) is None


def test_groups_are_found_by_their_terms() -> None:
    groups = [SAME, NARROWER]
    assert holder_of("標廠", groups) == SAME
    assert holder_of("硬碳", groups) is None
    assert narrower_of("负极", groups) == NARROWER
    assert narrower_of("硬碳", groups) is None
    assert [joined(one) for one in groups] == ["标准厂房、标厂", "负极 → 硬碳、人造石墨"]


@pytest.mark.parametrize(
    "more",
    [
        Group("硬碳", ("负极",)),
        Group("人造石墨", ("石墨", "负极")),
        Group("", ("硬碳", "负极")),
    ],
)
def test_a_term_narrower_than_itself_is_noticed(more: Group) -> None:
    assert loop([SAME, NARROWER]) is None
    assert loop([SAME, NARROWER, more])


def test_a_longer_way_round_is_noticed_through_equal_terms() -> None:
    groups = [NARROWER, Group("", ("硬碳", "硬炭")), Group("硬炭", ("生物质炭",))]
    assert loop(groups) is None
    assert loop([*groups, Group("", ("生物质炭", "负极材料")), Group("负极材料", ("负极",))])
