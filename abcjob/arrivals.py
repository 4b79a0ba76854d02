"""The sources of a part brought to where they can be read, and told from those read before."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from abcjob.book import Remark
from abcjob.database import ledger
from abcjob.database.ledger import FoundSource
from abcjob.errors import SourceError
from abcjob.sources import address, files
from abcjob.stages import quarantine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from abcjob.book import Book
    from abcjob.job import Part, Source


@dataclass(frozen=True)
class Arrivals:
    """The sources of a part, at hand.

    Attributes:
        fresh: those to be read; before them, for each input, the rows that wait for what these
            may bring.
        known: the names of those whose rows are loaded already.
        digests: what each is known by, as `FoundSource` says, by path; of rows that have waited,
            what that is known by that they came from.
        contents: SHA-256 of the content alone, by path; of rows that have waited, none.
    """

    fresh: tuple[Source, ...] = ()
    known: tuple[str, ...] = ()
    digests: Mapping[Path, str] = field(default_factory=dict)
    contents: Mapping[Path, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Arrival:
    source: Source
    found: FoundSource
    content: str


@contextmanager
def at_hand(part: Part, book: Book, *, is_dry: bool) -> Iterator[Arrivals]:
    """The part's sources while they are read: fetched where they are on the web, and unchanged.

    They are entered in the ledger, unless the run is dry.

    Raises:
        SourceError: one cannot be had, or changes meanwhile.
    """
    sources = part.sources() if part.sources else ()
    with ExitStack() as closing:
        before = ledger.merged_sources(book.db, book.job, part) if _skips(part, book) else ()
        # Before they are hashed: what is loaded is what they are known by.
        closing.enter_context(files.unchanged(s.path for s in sources if not s.url))
        arrived = [_arrived(source, before, part, book, closing) for source in sources]
        if not is_dry:
            entered = [arrival.found for arrival in arrived]
            ledger.sources(book.db, book.run_id, part.name, entered)
        fresh, known = _parted(arrived, before, part, book)
        waited = _waiting(part, book, closing) if fresh and book.job.is_merged else {}
        yield Arrivals(
            (*waited, *(arrival.source for arrival in fresh)),
            tuple(arrival.source.name for arrival in known),
            {a.source.path: a.found.digest for a in arrived}
            | {s.path: d for s, d in waited.items()},
            {a.source.path: a.content for a in arrived},
        )


def _skips(part: Part, book: Book) -> bool:
    """Whether a source that is known need not be read, whatever the others are."""
    return book.job.is_merged and not part.corrects


def _parted(
    arrived: list[_Arrival], before: Iterable[FoundSource], part: Part, book: Book
) -> tuple[list[_Arrival], list[_Arrival]]:
    """The sources to be read, and those whose rows readers see."""
    if book.job.is_merged:
        seen = {(source.input, source.digest) for source in before}
        is_known = [(a.found.input, a.found.digest) in seen for a in arrived]
    else:
        digests = {arrival.found.digest for arrival in arrived}
        is_known = [digests <= ledger.digests(book.db, book.job, part.name)] * len(arrived)
    told = list(zip(arrived, is_known, strict=True))
    return [a for a, known in told if not known], [a for a, known in told if known]


def _arrived(
    source: Source, before: Iterable[FoundSource], part: Part, book: Book, closing: ExitStack
) -> _Arrival:
    if not source.url:
        content = files.digest(source.path)
        found = FoundSource(source.name, source.input, _identity(source, content))
        return _Arrival(source, found, content)
    from abcjob.sources import fetch

    path = _room(closing) / "source"
    name = address.shown(source.url)
    hashed = hashlib.sha256(source.url.encode()).hexdigest()
    known = next((s for s in before if (s.input, s.address) == (source.input, hashed)), None)
    told = fetch.Validators(known.etag or "", known.last_modified or "") if known else None
    answer = fetch.fetch(
        source.url,
        path,
        told or fetch.NOTHING_KNOWN,
        tell=lambda text: book.tell(Remark(part.name, text)),
    )
    if answer is None and known:
        return _Arrival(replace(source, called=name), replace(known, source=name), known.digest)
    if answer is None:
        raise SourceError(f"fetching {name}: got no content, expected some; correct the address")
    content = files.digest(path)
    found = FoundSource(name, source.input, content, hashed, answer.etag, answer.last_modified)
    return _Arrival(replace(source, path=path, called=name), found, content)


def _identity(source: Source, content: str) -> str:
    """Under another name the same bytes may say something else, and are to be read again."""
    if not source.variant:
        return content
    return hashlib.sha256(f"{source.variant} {content}".encode()).hexdigest()


def _waiting(part: Part, book: Book, closing: ExitStack) -> dict[Source, str]:
    """The rows that wait, as sources, and the digests of the files that they came from."""
    from abcjob.job import Source

    found = {}
    mixed = {item.name for item in book.job.inputs if item.is_mixed}
    for origin in quarantine.origins(book.job, book.db, part.name, "waiting"):
        path = _room(closing) / "rows"
        try:
            with path.open("wb") as file:
                file.writelines(quarantine.original(book.job, book.db, origin, "waiting"))
        except OSError as error:
            raise _no_room(error) from error
        variant = origin.header.decode() if origin.input in mixed else ""
        source = Source(
            origin.input, path, None, called=origin.source, has_waited=True, variant=variant
        )
        found[source] = origin.digest
    return found


def _room(closing: ExitStack) -> Path:
    """A folder of our own, which goes with what it is for."""
    try:
        return Path(closing.enter_context(TemporaryDirectory(prefix="abcjob-")))
    except OSError as error:
        raise _no_room(error) from error


def _no_room(error: OSError) -> SourceError:
    return SourceError(
        f"keeping what is read in a temporary file: {error.strerror}; make room there, or name "
        "another folder with TMPDIR"
    )
