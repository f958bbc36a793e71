"""The pages for teachers: their links lead to pages of the app, with parameters that are known and can be read."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from places import ROOT
from streamlit.testing.v1 import AppTest

from cae.ui.pages.teachers import DOCS, TITLES

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


def test_there_are_plans_and_an_answer_to_each_question():
    assert len(LINKS) > 8
    questions, answers = (
        re.findall(r"^\*\*(\d+)\.", (DOCS / f"{name}.md").read_text("utf-8"), re.MULTILINE)
        for name in ("worksheet", "answers")
    )
    assert questions == answers == [str(number) for number in range(1, 11)]


def test_all_parameters_that_they_name_are_documented():
    table = re.findall(r"^\|.*\| (`.*) \|$", (DOCS / "teachers.md").read_text("utf-8"), re.MULTILINE)
    named = set(re.findall(r"`(\w+)=", "\n".join(table)))
    assert named <= DOCUMENTED
    assert len(named) > 8


@pytest.mark.parametrize("name", TITLES)
def test_each_page_shows_its_document(name):
    app = AppTest.from_string(f"from cae.ui.pages import teachers\nteachers.page({name!r})", default_timeout=60).run()
    assert not app.exception
    title, _, text = (ROOT / "docs" / f"{name}.md").read_text("utf-8").partition("\n")
    assert app.title[0].value == title.removeprefix("# ")
    assert app.markdown[0].value.strip() == text.strip()
