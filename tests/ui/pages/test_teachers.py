"""The pages for teachers: their links lead to pages of the app, with parameters that are known and can be read."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from places import ROOT
from streamlit.testing.v1 import AppTest

from cae.ui import link
from cae.ui.lesson import CARDS
from cae.ui.pages.teachers import ADDRESS, DOCS, TITLES

LINKS = re.findall(r"\]\(\./([^)]*)\)", (DOCS / "teachers.md").read_text("utf-8"))
PAGES = {"", "inside", "codes", "compress", "train", "evidence", *TITLES}
DOCUMENTED = set(re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "address.md").read_text("utf-8"), re.MULTILINE))


def show() -> None:
    from cae.ui import link

    link.restore()


@pytest.mark.parametrize("address", LINKS)
def test_a_link_leads_to_a_page_and_can_be_read(address):
    parts = urlsplit(address)
    assert parts.path in PAGES
    assert set(dict(parse_qsl(parts.query))) <= DOCUMENTED
    app = AppTest.from_function(show, default_timeout=60)
    for name, value in parse_qsl(parts.query):
        app.query_params[name] = value
    app.run()
    assert not app.exception
    assert not app.toast, "a part of the link could not be read"


def test_there_are_plans_and_a_question_and_an_answer_to_each_card():
    assert len(LINKS) > 8
    for name in ("worksheet", "answers"):
        found = re.findall(r"^\*\*(\d+)\. (.*?)\.?\*\* \S", (DOCS / f"{name}.md").read_text("utf-8"), re.MULTILINE)
        assert found == [(str(number), card.title) for number, card in enumerate(CARDS)]


def test_all_parameters_that_are_read_are_documented():
    assert set(link._TAKEN) <= DOCUMENTED
    modules = "\n".join(path.read_text("utf-8") for path in (ROOT / "cae" / "ui" / "components").rglob("*.js"))
    assert set(re.findall(r'[pP]arameters\.get\("(\w+)"\)', modules)) <= DOCUMENTED
    assert len(DOCUMENTED) > 15


@pytest.mark.parametrize("name", TITLES)
def test_each_page_shows_its_document(name):
    app = AppTest.from_string(f"from cae.ui.pages import teachers\nteachers.page({name!r})", default_timeout=60).run()
    assert not app.exception
    title, _, text = (ROOT / "docs" / f"{name}.md").read_text("utf-8").partition("\n")
    assert app.title[0].value == title.removeprefix("# ")
    assert app.markdown[0].value.strip() == re.sub("<!--.*-->\n", "", text).strip()
    if name == "teachers":
        _, _, text = (ROOT / "docs" / f"{ADDRESS}.md").read_text("utf-8").partition("\n")
        assert app.markdown[1].value.strip() == text.strip()
