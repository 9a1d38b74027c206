"""The download of a large file: it goes on where it was cut off, and is checked by its digest."""

import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from msgspec import Struct

from contract.errors import StackError
from stack.context import Say
from stack.processes.jars import sha256_of

CHUNK_BYTES = 1 << 20
DIGEST = re.compile(r"\s*([0-9a-fA-F]{64})(?:\s|$)")


class Patience(Struct, frozen=True):
    """How long a server may take."""

    answer_seconds: float = 10.0
    """For a connection, and for each piece of the file."""
    tries: int = 3
    """How often a file that was cut off is asked for."""
    least_bytes_a_second: float = 20_000.0
    """A slower server is given up; 200 MB would take it three hours."""
    slow_seconds: float = 60.0
    """After how long a server counts as slow."""
    told_seconds: float = 15.0
    """Between two lines about the progress."""


def published_digest(url: str, patience: Patience) -> str:
    """Return the SHA-256 that stands in the file `<url>.sha256`.

    Raises:
        StackError: the server does not answer in time, or the file holds no digest.
    """
    with _opened(urllib.request.Request(f"{url}.sha256"), patience) as answer:
        text = answer.read(1000).decode(errors="replace")
    found = DIGEST.match(text)
    if found is None:
        raise StackError(f"{url}.sha256 holds no SHA-256 but {text[:40]!r}")
    return found[1].lower()


def download(url: str, target: Path, digest: str, say: Say, patience: Patience) -> None:
    """Download a file; what is there of it under the name `<target>.part` is continued.

    Raises:
        StackError: the server does not answer, is slow or cuts the file off again and again, or
            the file has another digest; then nothing is left of it.
    """
    part = target.with_name(f"{target.name}.part")
    for last in range(patience.tries, 0, -1):
        try:
            _continue(url, part, say, patience)
            break
        except _CutOff as cut:
            if last == 1:
                raise StackError(
                    f"{url} was cut off {patience.tries} times, {cut}; the next `up` goes on "
                    "from there"
                ) from None
    if (found := sha256_of(part)) != digest:
        part.unlink()
        raise StackError(
            f"{url} has the digest {found[:16]}…, but {digest[:16]}… is published beside it; it "
            "was deleted: check the proxies and the mirror before this machine"
        )
    part.replace(target)


class _CutOff(Exception):
    """A download ended before its end."""


def _continue(url: str, part: Path, say: Say, patience: Patience) -> None:
    held = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={held}-"} if held else {})
    try:
        answer = _opened(request, patience)
    except _AllThere:
        return
    with answer:
        if answer.status != http.HTTPStatus.PARTIAL_CONTENT:
            held = 0
        length = answer.headers.get("Content-Length")
        whole = held + int(length) if length and length.isdigit() else None
        with part.open("ab" if held else "wb") as file:
            got = _copy(answer, file.write, _Progress(url, held, whole, say, patience))
    if whole is not None and held + got < whole:
        raise _CutOff(f"the last time at {(held + got) / 1e6:.0f} of {whole / 1e6:.0f} MB")


class _Progress:
    """What is said while a file comes in, and when its server counts as slow."""

    def __init__(
        self, url: str, held: int, whole: int | None, say: Say, patience: Patience
    ) -> None:
        self._url, self._held, self._whole = url, held, whole
        self._say, self._patience = say, patience
        self._begun = self._told = monotonic()

    def came(self, got: int) -> None:
        """Say how far it is, now and then.

        Raises:
            StackError: it is too slow.
        """
        now, patience = monotonic(), self._patience
        took = now - self._begun
        so_far = f"{(self._held + got) / 1e6:.0f}"
        of = f" of {self._whole / 1e6:.0f}" if self._whole else ""
        if took > patience.slow_seconds and got / took < patience.least_bytes_a_second:
            raise StackError(
                f"{self._url} sends {got / took / 1000:.1f} kB a second, which is too slow: "
                f"{so_far}{of} MB are there, and the next `up` goes on from there"
            )
        if now - self._told >= patience.told_seconds:
            self._told = now
            self._say(f"Grafana: {so_far}{of} MB are fetched")


def _copy(
    answer: http.client.HTTPResponse, write: Callable[[bytes], object], progress: _Progress
) -> int:
    got = 0
    while True:
        try:
            chunk = answer.read1(CHUNK_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise _CutOff(f"the last time by {error or type(error).__name__}") from None
        if not chunk:
            return got
        write(chunk)
        got += len(chunk)
        progress.came(got)


class _AllThere(Exception):
    """A server has nothing behind what is held already."""


def _opened(request: urllib.request.Request, patience: Patience) -> http.client.HTTPResponse:
    """Open an address, through the proxies of the environment.

    Raises:
        StackError: the server does not answer in time, or refuses.
    """
    try:
        found: http.client.HTTPResponse = urllib.request.urlopen(
            request, timeout=patience.answer_seconds
        )
        return found
    except urllib.error.HTTPError as error:
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise _AllThere from None
        raise StackError(f"{request.full_url} answers {error.code} {error.reason}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = getattr(error, "reason", error)
        raise StackError(f"{request.full_url} can't be reached ({why})") from None
