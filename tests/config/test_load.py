"""The configuration: every setting typed, every mistake at once and in one sentence with its file and line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from alerts.model import Channel
from config.load import ConfigError, Settings, chosen_folder, load
from inspections.authorities import Authorities
from inspections.model import Grade, Kind

TABLE = Authorities.load()
SMTP = '[smtp]\nhost = "mail.example.org"\nsender = "Watch <watch@example.org>"\n'
Load = Callable[..., Settings]


@pytest.fixture
def settings(tmp_path: Path) -> Load:
    """Loads a folder made of the files that it is given: main text, others by path, environment."""

    def loaded(
        main: str = "", /, environ: dict[str, str] | None = None, secrets: bool = True, **files: str
    ) -> Settings:
        written = {"ofsted-watch.toml": main} | {
            name.replace("__", "/") + ".toml": text for name, text in files.items()
        }
        for name, text in written.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text, encoding="utf-8")
        return load(tmp_path, {"HOME": str(tmp_path)} | (environ or {}), secrets=secrets)

    return loaded


def sentences(settings: Load, *args: str, **kwargs: object) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        settings(*args, **kwargs)
    return [f"{Path(each.file).name}:{each.line} {each.sentence}" for each in caught.value.mistakes]


def test_without_a_folder_the_defaults_that_ship_hold_and_nobody_is_mailed(tmp_path: Path) -> None:
    found = load(None, {"HOME": str(tmp_path)})
    assert found.folder is None
    assert found.archive == tmp_path / ".local/state/ofsted-watch"
    assert [channel for each in found.subscriptions for channel in each.to] == [Channel(kind="log", address="")]
    assert {source.id for source in found.watched(TABLE)} == {
        "ofsted-search", "ofsted-80430", "theshuttle", "blackburn-life",
    }  # fmt: skip
    assert found.ofsted.times == (time(9, 40), time(10, 20), time(12, 30), time(17, 0))
    assert found.fetch.gap == timedelta(seconds=5)


def test_the_folder_is_the_argument_else_the_environment_else_the_users_own(tmp_path: Path) -> None:
    usual = tmp_path / ".config" / "ofsted-watch"
    environ = {"HOME": str(tmp_path)}
    assert chosen_folder(None, environ) is None
    usual.mkdir(parents=True)
    assert chosen_folder(None, environ) == usual
    environ["CONFIGURATION_DIRECTORY"] = "/etc/ofsted-watch:/etc/other"
    assert chosen_folder(None, environ) == Path("/etc/ofsted-watch")
    environ["OFSTED_WATCH_CONFIG"] = "/srv/watch"
    assert chosen_folder(None, environ) == Path("/srv/watch")
    assert chosen_folder(tmp_path, environ) == tmp_path


def test_the_archive_is_the_setting_else_the_state_directory(settings: Load, tmp_path: Path) -> None:
    assert settings('archive = "kept"\n').archive == tmp_path / "kept"
    assert settings("", environ={"STATE_DIRECTORY": "/var/lib/watch:/x"}).archive == Path("/var/lib/watch")
    assert settings("", environ={"XDG_STATE_HOME": "/state"}).archive == Path("/state/ofsted-watch")
    assert settings('archive = "~/kept"\n').archive == tmp_path / "kept"


def test_every_section_is_read_as_its_type(settings: Load) -> None:
    found = settings(
        'contact = "desk@example.org"\noperator = "ops@example.org"\nauthorities = ["Hull", "North West"]\n'
        'providers = ["116780", "sc043210"]\nremits = ["childrens_home"]\n'
        '[ofsted]\ntimes = ["9:05"]\nsweep = "2d12h"\n[fetch]\ngap = "1.5s"\nbudget = 50\n[poll]\nevery = "30m"\n'
        '[delivery]\nemail_schedule = ["1m", "2h"]\nstorm = 3\n[quiet]\nstart = "20:00"\nend = 07:00:00\n'
        '[web]\nport = 9000\n' + SMTP + 'security = "tls"\npassword_env = "PW"\n',
        environ={"PW": "s3cret\n"},
    )  # fmt: skip
    assert found.authorities == ("Kingston upon Hull, City of", "north-west")
    assert found.providers == ("116780", "SC043210")
    assert found.ofsted.times == (time(9, 5),)
    assert found.ofsted.sweep == timedelta(hours=60)
    assert found.fetch.gap == timedelta(seconds=1.5)
    assert found.delivery.email_schedule == (timedelta(minutes=1), timedelta(hours=2))
    assert (found.quiet.start, found.quiet.end) == (time(20), time(7))
    assert (found.smtp.port, found.smtp.password) == (465, "s3cret")
    assert found.operator == Channel(kind="email", address="ops@example.org")
    assert found.declarations["leeds"].every == timedelta(minutes=30)


def test_every_mistake_is_named_at_once_with_its_line(settings: Load) -> None:
    main = (
        'authoritys = ["Leeds"]\nauthorities = [\n  "Leeds",\n  "Blackburn wiht Darwen",\n]\nremits = ["fostering"]\n'
        '[ofsted]\nevery = "soon"\nallow_privat = true\n[web]\nport = 99999\nhost = 5\n[fetch]\nworkers = 9\nattempts = true\n'
    )
    assert sentences(settings, main) == [
        'ofsted-watch.toml:1 unknown key \'authoritys\'; did you mean "authorities"?',
        "ofsted-watch.toml:4 authorities[1] is \"Blackburn wiht Darwen\"; expected an authority or a region; "
        'did you mean "Blackburn with Darwen"?',
        'ofsted-watch.toml:6 remits[0] is "fostering"; expected one of school, further_education, early_years, childrens_home',
        'ofsted-watch.toml:8 ofsted.every is "soon"; expected a duration such as "5s", "15m", "1h30m" or "14d", at most a year',
        'ofsted-watch.toml:9 unknown key \'allow_privat\' in [ofsted]; did you mean "allow_private"?',
        "ofsted-watch.toml:11 web.port is 99999; expected a whole number from 1 to 65535",
        'ofsted-watch.toml:12 web.host is 5; expected text in quotation marks, "…"',
        "ofsted-watch.toml:14 fetch.workers is 9; expected a whole number from 1 to 8",
        "ofsted-watch.toml:15 fetch.attempts is true; expected a whole number",
    ]  # fmt: skip


def test_mistakes_of_all_files_come_together(settings: Load, tmp_path: Path) -> None:
    (tmp_path / "authorities.csv").write_text("code,name\n99,Mere\n")
    found = sentences(
        settings, "nonsense = 1\n",
        sources__mere='name = "Mere"\nurl = "mere.example"\nparser = "feeds"\n',
        subscriptions__desk='[[to]]\nlog = "yes"\n',
    )  # fmt: skip
    assert [line.split(":")[0] for line in found] == [
        "authorities.csv", "mere.toml", "mere.toml", "ofsted-watch.toml", "desk.toml",
    ]  # fmt: skip
    assert 'expected one of feed, wordpress, listing, ofsted_search, ofsted_provider; did you mean "feed"?' in found[2]


def test_text_that_is_not_toml_is_named_with_its_line(settings: Load) -> None:
    assert sentences(settings, 'contact = "a@b"\nauthorities = [Leeds]\n') == [
        "ofsted-watch.toml:2 this is not TOML: invalid value; text stands in quotation marks, one key a line"
    ]


def test_bytes_that_are_not_utf8_are_named(tmp_path: Path) -> None:
    (tmp_path / "ofsted-watch.toml").write_bytes(b'contact = "caf\xe9"\n')
    with pytest.raises(ConfigError, match="the file is not UTF-8 text: byte 14 cannot be read"):
        load(tmp_path, {})


def test_a_folder_without_the_file_and_a_missing_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no ofsted-watch.toml in this folder; `ofsted-watch init`"):
        load(tmp_path, {})
    with pytest.raises(ConfigError, match="there is no such folder"):
        load(tmp_path / "nowhere", {})


def test_intervals_and_gaps_below_what_is_polite_need_a_replica(settings: Load) -> None:
    rude = '[ofsted]\nevery = "1m"\n[poll]\nevery = "5s"\n[fetch]\ngap = "100ms"\n'
    assert sentences(settings, rude) == [
        'ofsted-watch.toml:2 ofsted.every is "1m"; expected 15 minutes or more; less only for a replica, with allow_private = true',
        'ofsted-watch.toml:4 poll.every is "5s"; expected 15 minutes or more; less only for a replica, with allow_private = true',
        'ofsted-watch.toml:6 fetch.gap is "100ms"; expected "1s" or more; less only for a replica, with allow_private = true',
    ]  # fmt: skip
    assert settings(rude.replace("[poll]", "allow_private = true\n[poll]")).fetch.gap == timedelta(milliseconds=100)


def test_a_subscription_is_read_with_all_its_filters(settings: Load) -> None:
    found = settings(
        SMTP + '[quiet]\nstart = "20:00"\nend = "07:00"\n',
        subscriptions__desk=(
            'authorities = ["BCP Council", "north-east"]\nregions = ["South West"]\nproviders = ["ey123456"]\n'
            'kinds = ["ilacs", "focused_visit"]\ngrades = ["Requires improvement to be good", "inadequate"]\n'
            'directions = ["down"]\nkeywords = ["care leavers"]\nsources = ["theshuttle"]\npriority_action = true\n'
            'when = "weekly"\nat = "08:15"\nweekday = "friday"\n[[to]]\nemail = "desk@example.org"\n'
            '[[to]]\nmaildir = "mail"\n'
        ),
    ).subscriptions  # fmt: skip
    assert [each.id for each in found] == ["desk"]
    desk = found[0]
    assert desk.authorities == ("Bournemouth, Christchurch and Poole",)
    assert desk.regions == ("south-west", "north-east")
    assert desk.providers == ("EY123456",)
    assert desk.kinds == (Kind.ILACS, Kind.FOCUSED_VISIT)
    assert desk.grades == (Grade.REQUIRES_IMPROVEMENT, Grade.INADEQUATE)
    assert (desk.when, desk.at, desk.weekday) == ("weekly", time(8, 15), 4)
    assert desk.quiet.start == time(20)
    assert [channel.kind for channel in desk.to] == ["email", "maildir"]


def test_a_disabled_subscription_is_not_read(settings: Load, tmp_path: Path) -> None:
    (tmp_path / "subscriptions" / "disabled").mkdir(parents=True)
    (tmp_path / "subscriptions" / "disabled" / "old.toml").write_text("nonsense")
    assert [each.id for each in settings().subscriptions] == ["log"]


def test_secrets_come_from_the_environment_or_a_file_and_the_first_signs(settings: Load, tmp_path: Path) -> None:
    (tmp_path / "hook.key").write_text("whsec_file\n")
    channel = settings(
        subscriptions__hook=(
            '[[to]]\nwebhook = "https://receiver.example/in"\nsecrets_env = ["NEW", "OLD"]\n'
            '[[to]]\nwebhook = "http://127.0.0.1:9/in"\nsecret_file = "hook.key"\nallow_private = true\n'
            '[[to]]\napprise_env = "NTFY"\n'
        ),
        environ={"NEW": "whsec_new", "OLD": "whsec_old", "NTFY": "ntfy://user:token@host/topic"},
    ).subscriptions[0].to  # fmt: skip
    assert channel[0].secrets == ("whsec_new", "whsec_old")
    assert channel[1].secrets == ("whsec_file",)
    assert channel[1].allow_private
    assert channel[2].address == "ntfy://user:token@host/topic"
    assert [each.id for each in channel][2] == "apprise:NTFY"
    assert "whsec" not in repr(channel) + str([each.id for each in channel])
    assert "token" not in repr(channel)


def test_a_missing_secret_is_one_sentence_and_a_plain_one_is_refused(settings: Load) -> None:
    found = sentences(
        settings, SMTP + 'password_env = "PW"\n',
        subscriptions__a='[[to]]\nwebhook = "https://r.example/"\nsecret_env = "HOOK"\n',
        subscriptions__b='[[to]]\nlog = true\n\n[[to]]\nwebhook = "https://r.example/"\nsecret = "whsec_x"\n',
        subscriptions__c='[[to]]\nwebhook = "https://r.example/"\nsecret_file = "none.key"\n',
    )  # fmt: skip
    assert found[0].endswith("smtp.password is missing: the environment variable PW is not set")
    assert found[1].endswith("to[0].secret is missing: the environment variable HOOK is not set")
    assert found[2].startswith("b.toml:6 to[1].secret holds a secret in plain text; put it into the environment")
    assert found[3].startswith("b.toml:5 to[1] has no secret to sign with")
    assert found[4].endswith("none.key is empty or cannot be read")
    assert len(found) == 5
    assert not any("whsec_x" in sentence for sentence in found)


def test_a_plain_smtp_password_is_refused_and_not_repeated(settings: Load) -> None:
    found = sentences(settings, SMTP + 'password = "hunter2"\n')
    assert found == [
        "ofsted-watch.toml:4 smtp.password holds a secret in plain text; put it into the environment and write "
        "password_env, its name"
    ]


def test_commands_that_send_nothing_can_do_without_the_secrets(settings: Load) -> None:
    found = settings(
        "", secrets=False, subscriptions__a='[[to]]\nwebhook = "https://r.example/"\nsecret_env = "HOOK"\n'
    )
    assert found.subscriptions[0].to[0].secrets == ()


def test_credentials_of_systemd_are_found_by_their_name(settings: Load, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "hook").write_text("whsec_c")
    found = settings(
        subscriptions__a='[[to]]\nwebhook = "https://r.example/"\nsecret_file = "hook"\n',
        environ={"CREDENTIALS_DIRECTORY": str(tmp_path / "run")},
    )
    assert found.subscriptions[0].to[0].secrets == ("whsec_c",)


@pytest.mark.parametrize(
    ("recipient", "said"),
    [
        ("", "a.toml:1 to[0] says nowhere to send to; expected exactly one of email, webhook"),
        ('email = "a@b.org"\nlog = true', "a.toml:1 to[0] has email and log; expected exactly one of"),
        ('email = "Desk <a@b.org>"', 'a.toml:2 to[0].email is "Desk <a@b.org>"; expected one mail address'),
        ('webhook = "http://r.example/"\nsecret_env = "S"', "expected an https address; http only with allow_private"),
        ('emial = "a@b.org"', "a.toml:2 unknown key 'emial' in [to[0]]; did you mean \"email\"?"),
        ('email = "a@b.org"\nsecret_env = "S"', "a.toml:3 unknown key 'secret_env' in [to[0]]; known are email"),
        ('apprise = "topic"', "expected an Apprise address"),
        ('webhook = "https://r.example/"\nsecret_env = "whsec_abc="', "to[0].secret has no name of an environment"),
        ("log = false", "a.toml:2 to[0].log is false; expected true"),
    ],
)
def test_a_recipient_that_cannot_be_is_named(settings: Load, recipient: str, said: str) -> None:
    found = sentences(settings, SMTP, environ={"S": "whsec_x"}, subscriptions__a=f"[[to]]\n{recipient}\n")
    assert said in found[0]
    assert "whsec" not in found[0]


def test_mail_without_a_server_and_a_subscription_to_nobody_are_named(settings: Load) -> None:
    found = sentences(
        settings, "", subscriptions__a='[[to]]\nemail = "a@b.org"\n', subscriptions__b='authorities = ["Leeds"]\n'
    )
    assert found == [
        "b.toml:None nobody is told: expected at least one [[to]] table",
        "ofsted-watch.toml:None [smtp] needs host and sender: mail is to be sent to the recipients of a",
    ]


def test_a_password_never_travels_unencrypted_to_another_machine(settings: Load) -> None:
    text = SMTP + 'security = "none"\npassword_env = "PW"\n'
    assert 'smtp.security is "none": the password would go to mail.example.org unencrypted' in sentences(
        settings, text, environ={"PW": "x"}
    )[0]  # fmt: skip
    assert settings(text.replace("mail.example.org", "127.0.0.1"), environ={"PW": "x"}).smtp.security == "none"


def test_the_operator_can_be_a_webhook(settings: Load) -> None:
    text = 'operator = { webhook = "https://r.example/", secret_env = "S" }\n'
    found = settings(text, environ={"S": "whsec_x"}).operator
    assert found is not None
    assert found.secrets == ("whsec_x",)
    assert "expected a mail address, or for a webhook" in sentences(settings, 'operator = "https://r.example/"\n')[0]


def test_the_operators_authorities_can_be_watched_and_their_sources_always_are(settings: Load, tmp_path: Path) -> None:
    (tmp_path / "authorities.csv").write_text("code,name,urn,region\n990,Mere,99001,North West\n")
    found = settings(
        'authorities = ["Mere"]\n[ofsted]\nreports = "http://127.0.0.1:8000/"\nfiles = "http://127.0.0.1:8001"\n'
        "allow_private = true\n",
        sources__mere=(
            'name = "Mere"\nurl = "http://127.0.0.1:8002/news"\nparser = "listing"\nfamily = "jadu"\n'
            'authority = "Mere Council"\nevery = "10s"\nallow_private = true\noptions = { item = "li" }\n'
            '[notes]\nanything = ["at", "all"]\n'
        ),
        sources__leeds='name = "Leeds"\nurl = "https://leeds.example/feed"\nparser = "feed"\n',
    )  # fmt: skip
    table = Authorities.load(*found.authorities_files)
    watched = {source.id: source for source in found.watched(table)}
    assert list(watched) == ["ofsted-search", "ofsted-99001", "leeds", "mere"]
    assert watched["ofsted-99001"].url == "http://127.0.0.1:8000/provider/44/99001"
    assert watched["ofsted-99001"].hosts == ("127.0.0.1:8001",)
    assert watched["ofsted-99001"].allow_private
    assert watched["mere"].authority == "Mere"
    assert watched["mere"].every == timedelta(seconds=10)
    assert watched["leeds"].url == "https://leeds.example/feed"


def test_what_is_watched_follows_from_authorities_providers_and_remits(settings: Load) -> None:
    found = settings(
        'authorities = ["Blackburn with Darwen"]\nproviders = ["116780", "80481"]\nremits = ["childrens_home"]\n'
    )
    watched = {source.id: source for source in found.watched(TABLE)}
    assert list(watched) == [
        "ofsted-search", "ofsted-80430", "ofsted-80481", "ofsted-find-116780", "ofsted-childrens_home-889",
        "ofsted-childrens_home-383", "leeds", "theshuttle",
    ]  # fmt: skip
    search = watched["ofsted-search"]
    assert search.options == {"urns": ["80430", "80481"]}
    assert search.url == (
        "https://reports.ofsted.gov.uk/search?q=&location=&lat=&lon=&radius=&level_1_types=3&level_2_types%5B%5D=12"
        "&sort=date&order=desc&start=0&rows=100"
    )
    assert "level_2_types%5B%5D=11&local_authority%5B%5D=889&" in watched["ofsted-childrens_home-889"].url
    assert watched["ofsted-find-116780"].url == "https://reports.ofsted.gov.uk/search?q=116780"
    assert watched["ofsted-find-116780"].options == {"urns": ["116780"]}
    assert all(source.official for name, source in watched.items() if name.startswith("ofsted-"))
    assert "urns" not in watched["ofsted-childrens_home-889"].options


def test_a_region_is_watched_as_it_stands_that_day(settings: Load) -> None:
    found = settings('authorities = ["north-west"]\n')
    assert "ofsted-135513" in {source.id for source in found.watched(TABLE, date(2022, 1, 1))}
    now = {source.id for source in found.watched(TABLE)}
    assert "ofsted-135513" not in now
    assert {"ofsted-2733690", "theshuttle", "bolton"} < now
