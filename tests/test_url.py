"""Database URLs: what is taken, what is refused, and that no password shows."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from abcjob.database import url
from abcjob.errors import SettingsError

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


@pytest.mark.parametrize(
    "scheme", ["postgresql", "postgres", "postgresql+psycopg", "postgres+asyncpg"]
)
def test_every_scheme_in_use_means_postgresql(scheme: str) -> None:
    """URLs written for other programs are taken as they are."""
    found = url.parse(f"{scheme}://anna:pw@db.example:5433/shop?sslmode=require")
    assert found.libpq == "postgresql://anna:pw@db.example:5433/shop?sslmode=require"


@given(user=TEXT, password=TEXT, database=TEXT)
def test_what_is_written_is_read_again(user: str, password: str, database: str) -> None:
    """A URL survives being written and read, whatever its parts hold."""
    found = url.DatabaseUrl(user, password, "h:1", database, (("options", "-c a=b&c"),))
    assert url.parse(found.libpq) == found


@given(password=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=5))
def test_a_password_never_shows(password: str) -> None:
    """Neither the URL as text nor a message that repeats it has the password."""
    shown = "postgresql://u:***@host/d?sslpassword=***"
    said = f"failed for *** at {shown}"
    assume(password not in said)
    found = url.DatabaseUrl("u", password, "host", "d", (("sslpassword", password),))
    assert (str(found), repr(found)) == (shown, shown)
    assert password not in found.hide(f"failed for {password} at {found.libpq}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "secret",
        "host=localhost password=secret",
        "mysql://u:secret@h/d",
        "postgresql:/u:secret@h/d",
        "postgresql://u:sec#ret@h/d",
        "postgresql://u:sec/secret@h/d",
        "postgresql://u:secret@h:port/d",
        "postgresql://u:secret@h:99999/d",
        "postgresql://u:secret@[h/d",
        "postgresql://u:secret@h/d?novalue&=",
    ],
)
def test_a_malformed_url_is_refused_without_being_repeated(text: str) -> None:
    """Any piece of a malformed URL may be its password, so the message has none of it."""
    with pytest.raises(SettingsError, match="--database") as refused:
        url.parse(text)
    assert "secret" not in str(refused.value)
    assert "sec#ret" not in str(refused.value)


def test_options_are_read_as_libpq_reads_them() -> None:
    """A plus is a plus; what is no percent-encoding is refused."""
    assert url.parse("postgresql:///d?password=a+b").options == (("password", "a+b"),)
    with pytest.raises(SettingsError):
        url.parse("postgresql:///d?password=%ff")


def test_a_password_that_is_a_name_too_hides_no_sentence() -> None:
    """The compose file's is the user's and the database's name: messages stay readable."""
    found = url.parse("postgresql://abcjob:abcjob@h/abcjob")
    said = found.hide('postgresql://abcjob:abcjob@h/abcjob: role "abcjob" does not exist')
    assert said == 'postgresql://abcjob:***@h/abcjob: role "abcjob" does not exist'


def test_connecting_has_a_limit_unless_one_is_given() -> None:
    """libpq would wait for ever; its least is 2 seconds."""
    assert "connect_timeout=2" in url.parse("postgresql://h/d").limited(0.3).libpq
    given = url.parse("postgresql://h/d?connect_timeout=7")
    assert given.limited(3) == given


def test_several_hosts_sockets_and_ipv6_are_taken() -> None:
    """libpq's other ways to name a server."""
    for text in (
        "postgresql:///d?host=%2Ftmp",
        "postgresql://u@a:1,b:2/d",
        "postgresql://[::1]:5432/d",
        "postgresql://h",
    ):
        assert url.parse(text).libpq.startswith("postgresql://")
