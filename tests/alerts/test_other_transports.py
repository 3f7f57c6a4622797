"""Maildir, log, and Apprise against a receiver on loopback."""

from __future__ import annotations

import logging
import mailbox
import sys
from datetime import timedelta

import pytest
from msgspec.structs import replace

from alerts.model import Channel, DeliveryError, DeliverySettings
from alerts.transports import TRANSPORTS, apprise, log, maildir

SETTINGS = DeliverySettings()


def test_a_letter_lands_whole_in_new_and_leaves_nothing_in_tmp(tmp_path, letter):
    folder = tmp_path / "post" / "box"
    said = maildir.send(letter, Channel(kind="maildir", address=str(folder)), SETTINGS)
    assert str(folder) in said
    assert not list((folder / "tmp").iterdir())
    (got,) = mailbox.Maildir(folder)
    assert got["Subject"] and got["Message-ID"] == "<k-0001@localhost.invalid>"
    assert len(list((folder / "new").iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path, letter):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(DeliveryError, match="cannot be written") as caught:
        maildir.send(letter, Channel(kind="maildir", address=str(tmp_path / "file" / "box")), SETTINGS)
    assert not caught.value.permanent


def test_the_log_gets_one_line_whatever_the_subject_holds(caplog, letter):
    with caplog.at_level(logging.INFO):
        log.send(replace(letter, subject="one\r\nWARNING two\x1b[31m"), Channel(kind="log", address=""), SETTINGS)
    assert [record.getMessage() for record in caplog.records] == ["inspection.published: one WARNING two [31m"]


def test_apprise_posts_the_short_form_to_one_address(receiver, letter):
    address = receiver.url.replace("http://", "json://").partition("?")[0]
    assert "json" in apprise.send(letter, Channel(kind="apprise", address=address), SETTINGS)
    assert len(receiver.requests) == 1
    body = receiver.requests[0][2].decode()
    assert "Short." in body and "A letter." not in body


def test_apprise_that_is_refused_is_tried_again_and_keeps_the_address_to_itself(receiver, letter):
    receiver.answer(500)
    address = receiver.url.replace("http://", "json://ada:hidden-password@").partition("?")[0]
    with pytest.raises(DeliveryError) as caught:
        apprise.send(letter, Channel(kind="apprise", address=address), SETTINGS)
    assert not caught.value.permanent and "hidden" not in str(caught.value)


def test_an_address_that_apprise_does_not_know_waits_for_a_person(letter):
    with pytest.raises(DeliveryError, match="does not understand") as caught:
        apprise.send(letter, Channel(kind="apprise", address="nosuch://x/hidden"), SETTINGS)
    assert not caught.value.counts and "hidden" not in str(caught.value)
    assert caught.value.retry_after == timedelta(hours=1)


def test_without_the_extra_the_sentence_names_it(letter, monkeypatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(DeliveryError, match=r"ofsted-watch\[apprise\]") as caught:
        apprise.send(letter, Channel(kind="apprise", address="json://127.0.0.1/"), SETTINGS)
    assert not caught.value.permanent and not caught.value.counts


def test_each_way_answers_with_words(tmp_path, letter):
    assert TRANSPORTS["log"](letter, Channel(kind="log", address=""), SETTINGS) == "written to the log"
