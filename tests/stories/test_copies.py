"""One story that many tell, in the same words or others: copies are kept, and the inspection is told once."""

from __future__ import annotations

from pathlib import Path

from tests.servers import FaultServer
from tests.stories.conftest import Story, Town

BEFORE, OUT, LATER = "2025-04-01T09:00:00Z", "2025-04-23T12:00:00Z", "2025-04-24T12:00:00Z"
SAID = [
    "Children’s services in Blackburn with Darwen have been rated good by Ofsted in a report published today.",
    "The inspection of local authority children’s services took place in March 2025.",
]
RETOLD = [
    "Inspectors from Ofsted have judged children’s services in Blackburn with Darwen to be good, a report out today says.",
    "They visited the council in March 2025.",
]


def publications(town: Town) -> list[tuple[str, str]]:
    query = "SELECT source, title FROM publications WHERE title LIKE '%good%' ORDER BY source, title"
    return [(one["source"], one["title"]) for one in town.ask("sql", query)]


def in_both(town: Town, told: list[str]) -> None:
    town.news.append(
        Story("rated-good", "Children’s services rated good", "Published Wednesday 23 April 2025 at 9:37", SAID)
    )
    town.blog.append(Story("good-news_90601", "Children’s services rated good by Ofsted", "2025-04-23", told))


def test_a_syndicated_story_is_two_publications_one_inspection_and_one_alert(town: Town) -> None:
    town.poll(BEFORE)
    in_both(town, SAID)
    town.poll(OUT)
    assert publications(town) == [
        ("blackburn-life", "Children’s services rated good by Ofsted"), ("theshuttle", "Children’s services rated good"),
    ]  # fmt: skip
    assert len(town.ask("inspections")) == 1
    assert len(town.mail()) == 1


def test_a_reworded_copy_that_comes_later_is_kept_and_told_to_nobody(town: Town) -> None:
    town.poll(BEFORE)
    in_both(town, RETOLD)
    copy = town.blog.pop()
    town.poll(OUT)
    town.blog.append(copy)
    town.poll(LATER)
    assert len(publications(town)) == 2
    (inspection,) = town.ask("inspections")
    assert inspection["judgements"] == {"overall": "good"}
    assert len(town.mail()) == 1


def test_one_story_under_every_spelling_of_its_address_is_one_publication(town: Town, tmp_path: Path) -> None:
    """The blog's articles stand on a twin of its host too; the list leads now to one, now to the other."""
    with FaultServer() as twin:
        home, elsewhere = town.site.url("").rstrip("/"), twin.url("").rstrip("/")
        declared = town.folder / "sources" / "blackburn-life.toml"
        declared.write_text(declared.read_text("utf-8") + f'hosts = ["{elsewhere.removeprefix("http://")}"]\n', "utf-8")
        town.blog.append(Story("good-news_90601", "Children’s services rated good by Ofsted", "2025-04-23", SAID))
        posts = town._posts().decode()
        town.poll(BEFORE)
        known = town.ask("sql", "SELECT count(*) AS n FROM publications WHERE source = 'blackburn-life'")
        spelled = posts.replace(home, elsewhere).replace("_90601", "_90601/?utm_source=x&consent_token=7")
        town._posts = lambda: spelled.encode()  # type: ignore[method-assign]
        town.poll(OUT)
        assert town.ask("sql", "SELECT count(*) AS n FROM publications WHERE source = 'blackburn-life'") == known
        assert len(twin.requests) == 0, "what is held is not read again"
