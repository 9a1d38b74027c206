"""Questions to a person in the terminal; in scripts a proposal is the answer, or a flag."""

from collections.abc import Callable
from typing import Protocol

import click

from contract.errors import Misconfigured

Check = Callable[[str], str]
"""Returns an answer as it is kept; raises Misconfigured for one that does not fit."""


def anything(answer: str) -> str:
    """Return the answer as it is."""
    return answer


class Questions(Protocol):
    """Who answers: a person, or nobody."""

    def text(self, question: str, proposal: str = "", *, flag: str, check: Check = ...) -> str:
        """Return the answer to a question; "" is an answer only if there is no flag for it."""

    def confirm(self, question: str, *, proposal: bool) -> bool:
        """Return whether the answer is yes."""

    def say(self, line: str) -> None:
        """Tell something."""

    def refuse_missing(self) -> None:
        """Make sure that every question had an answer.

        Raises:
            Misconfigured: the flags that are missing, in one line.
        """


class AskedQuestions:
    """A person answers; an answer that does not fit is asked for again."""

    def text(
        self, question: str, proposal: str = "", *, flag: str, check: Check = anything
    ) -> str:
        """Ask until the answer fits."""
        while True:
            answer = click.prompt(
                question, default=proposal, show_default=bool(proposal), type=str
            ).strip()
            if not answer and flag:
                click.echo("  an answer is needed here")
                continue
            try:
                return check(answer) if answer else ""
            except Misconfigured as error:
                click.echo(f"  {error}")

    def confirm(self, question: str, *, proposal: bool) -> bool:
        """Ask yes or no."""
        return click.confirm(question, default=proposal)

    def say(self, line: str) -> None:
        """Print the line."""
        click.echo(line)

    def refuse_missing(self) -> None:
        """Nothing is missing: the person was asked for all of it."""


class ProposedAnswers:
    """Nobody is asked: proposals are taken, and what has none must be given by its flag."""

    def __init__(self) -> None:
        self._missing: list[str] = []

    def text(
        self, question: str, proposal: str = "", *, flag: str, check: Check = anything
    ) -> str:
        """Return the proposal; without one, its flag is missing."""
        if not proposal and flag:
            self._missing.append(flag)
        return check(proposal) if proposal else ""

    def confirm(self, question: str, *, proposal: bool) -> bool:
        """Return the proposal."""
        return proposal

    def say(self, line: str) -> None:
        """Print the line: it is the evidence of a proposal."""
        click.echo(line)

    def refuse_missing(self) -> None:
        """Name all missing flags at once."""
        if self._missing:
            raise Misconfigured(
                f"without questions these are needed: {', '.join(dict.fromkeys(self._missing))}"
            )
