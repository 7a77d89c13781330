"""Names are compared by keys that set aside what does not make a firm."""

import pytest
from hypothesis import assume, given, settings, strategies as st

from crm.companies import names

# How long an example takes says more about the machine than about the code.
UNTIMED = settings(deadline=None)

ANY_TEXT = st.text(max_size=60)
HAN = st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("徐工集团", "徐工"),
        ("徐州工程机械集团有限公司", "徐州工程机械"),
        ("江苏万邦生化医药集团有限责任公司", "江苏万邦生化医药"),
        ("弘元新材料（徐州）有限公司", "弘元新材料徐州"),
        ("Caterpillar Inc.", "caterpillar"),
        ("Foo Machinery Co., Ltd.", "foomachinery"),
        ("協鑫 顆粒矽", "协鑫颗粒硅"),
        ("ＴＣＬ中环", "tcl中环"),
        ("有限公司", "有限公司"),
        ("Group", "group"),
        ("  ", ""),
        ("🙂", "🙂"),
    ],
)
def test_key_sets_legal_suffixes_width_and_script_aside(written: str, key: str) -> None:
    assert names.name_key(written) == key


@pytest.mark.parametrize(
    ("written", "pinyin", "initials"),
    [
        ("徐工集团", "xugong", "xg"),
        ("TCL中环", "tclzhonghuan", "tclzh"),
        ("重庆长安", "chongqingchangan", "cqca"),
        ("Caterpillar", "", ""),
    ],
)
def test_pinyin_keeps_latin_letters_and_reads_words(
    written: str, pinyin: str, initials: str
) -> None:
    assert (names.pinyin_of(written), names.initials_of(written)) == (pinyin, initials)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("0516-8765 4321", "51687654321"),
        ("+86 516 87654321转8001", "51687654321"),
        ("138 1234 2075", "13812342075"),
        ("+86-138-1234-2075", "13812342075"),
        ("008613812342075", "13812342075"),
        ("１３８１２３４２０７５", "13812342075"),
        ("+49 201 844-0", "492018440"),
        ("8001", ""),
        ("", ""),
    ],
)
def test_phone_numbers_are_one_however_written(written: str, key: str) -> None:
    assert names.phone_key(written) == key


def test_near_names() -> None:
    assert names.similarity("卡特比勒", "卡特彼勒") >= names.NEAR
    assert names.similarity("比亚笛", "比亚迪") >= names.NEAR
    assert names.similarity("协新", "协鑫") >= names.NEAR
    assert names.similarity("徐工程师", "徐工") < names.NEAR
    assert names.similarity("江苏鑫华", "江苏恩华药业") < names.NEAR


def test_a_name_inside_an_excluded_string_is_not_the_name() -> None:
    assert names.means_other("徐工程师", "徐工", ["徐工程师"])
    assert names.means_other("江苏皮卡特种车", "卡特", ["卡特尔", "皮卡特种"])
    assert not names.means_other("徐工与徐工程师", "徐工", ["徐工程师"])
    assert not names.means_other("徐工", "徐工", ["徐工程师"])
    assert not names.means_other("协鑫", "徐工", ["徐工程师"])


def test_latin_names_stand_as_words() -> None:
    assert names.stands_alone("CAT 挖掘机代理", "cat")
    assert names.stands_alone("Beijing T.C.L Trading", "tcl")
    assert not names.stands_alone("Catering Ltd", "cat")
    assert names.stands_alone("徐州徐工物流", "徐工")


def test_word_starts() -> None:
    assert names.starts_word("TCL中环", "中环")
    assert names.starts_word("弘元新材料（徐州）", "徐州")
    assert not names.starts_word("江苏中能", "中能")


@UNTIMED
@given(ANY_TEXT)
def test_a_key_is_its_own_key_and_no_longer_than_its_column(text: str) -> None:
    key = names.fold_key(text)
    assert names.fold_key(key) == key
    assert len(names.name_key(text)) <= names.KEY_LENGTH
    assert len(names.pinyin_of(text)) <= names.PINYIN_LENGTH
    assert len(names.initials_of(text)) <= names.KEY_LENGTH


@UNTIMED
@given(HAN, st.sampled_from(["有限公司", "股份有限公司", " Co., Ltd."]))
def test_a_legal_suffix_changes_nothing(text: str, suffix: str) -> None:
    assume(not text.endswith(tuple("司团股控份总分")))
    assert names.name_key(text + suffix) == names.name_key(text)


@UNTIMED
@given(ANY_TEXT, ANY_TEXT)
def test_nearness_is_symmetrical_and_within_bounds(left: str, right: str) -> None:
    score = names.similarity(left, right)
    assert 0 <= score <= 100
    assert score == pytest.approx(names.similarity(right, left), abs=0.01)
    assert names.similarity(left, left) == 100


@UNTIMED
@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["+86", "0086", "86 ", ""])
)
def test_every_mobile_number_is_found_with_any_prefix(number: str, prefix: str) -> None:
    assert names.phone_key(f"{prefix}{number}") == number


@UNTIMED
@given(
    st.text(alphabet="徐工程师卡特", max_size=12),
    st.text(alphabet="徐工程师", min_size=1, max_size=3),
)
def test_means_other_never_hides_a_text_without_exclusions(text: str, name: str) -> None:
    assert not names.means_other(text, name, [])
    assert names.means_other(text, name, [name]) == (name in text)
