"""The lesson's cards: short, complete, and about what is there."""

import re

import pytest

from cae.ui.assets import FOLDER
from cae.ui.lesson import CARDS, MOST_WORDS, PLANS, Card

RULES = (FOLDER / "lesson" / "rules.js").read_text("utf-8")
MODULES = "\n".join(path.read_text("utf-8") for path in FOLDER.rglob("*.js") if path.parent.name != "lesson")


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.title)
def test_a_card_is_short_and_complete(card: Card) -> None:
    texts = [card.predict, *card.options, card.do, card.compare, card.why]
    assert all(texts)
    assert len(" ".join(texts).split()) <= MOST_WORDS
    assert 2 <= len(card.options) <= 3
    assert card.page in ("", "inside", "codes", "compress", "train", "evidence")


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.title)
def test_the_browser_knows_its_rule_and_measures_what_it_tells(card: Card) -> None:
    rule = re.search(rf"^  {card.rule}: \{{\n(.*?)^  \}},", RULES, re.MULTILINE | re.DOTALL)
    assert rule
    for name in re.findall(r"\{(\w+)\}", card.compare):
        assert re.search(rf"\b{name}\b", rule[1].partition("measured")[2]), name
    # What lies in Streamlit's own widgets is named by Streamlit.
    for name in (*card.marks, *card.undo):
        assert name.startswith("st") or re.search(name.rpartition("-")[2], MODULES), name


def test_plans_go_forward_and_the_longest_has_all() -> None:
    assert list(PLANS) == [5, 20, 45]
    for cards in PLANS.values():
        assert list(cards) == sorted(set(cards) & set(range(len(CARDS))))
    assert len(PLANS[45]) == len(CARDS)
