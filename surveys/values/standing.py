"""How one node stands with one panelist, as plain numbers."""

from __future__ import annotations

from dataclasses import dataclass

from surveys.values.choices import NodeAnswering


@dataclass(frozen=True)
class NodeStanding:
    """The pairs of one node, each counted once: answered, still open, not needed by her choice, or left out with the node.

    ``choice`` is how she chose last to answer it (empty: not said). ``short`` is the size of the short set that may be chosen
    there (0: none is offered).
    """

    choice: str
    answered: int
    open: int
    not_needed: int
    left_out: int
    short: int

    @property
    def total(self) -> int:
        """Pairs asked of her, those left out among them: what progress is measured against."""
        return self.answered + self.open + self.left_out

    @property
    def settled(self) -> int:
        """Pairs that need nothing more of her: answered, or all of a node that is not her field."""
        return self.answered + self.left_out

    @property
    def complete(self) -> bool:
        """Whether nothing is asked of her here any more."""
        return not self.open

    @property
    def counts_as_draft(self) -> bool:
        """Whether it counts where complete drafts do: something is answered, and nothing more is asked."""
        return self.answered > 0 and self.complete

    @property
    def skipped(self) -> bool:
        """Whether it is not her field."""
        return leaves_out(self.choice)

    @property
    def stopped(self) -> bool:
        """Whether she stopped here: it is enough."""
        return self.choice == NodeAnswering.ENOUGH

    @property
    def short_done(self) -> bool:
        """Whether the short set is answered, and more could be."""
        return self.choice == NodeAnswering.SHORT and self.complete and self.not_needed > 0

    @property
    def offers_short(self) -> bool:
        """Whether the short set is a choice that still shortens anything."""
        return self.choice != NodeAnswering.SHORT and self.answered < self.short

    @property
    def awaits_choice(self) -> bool:
        """Whether she is still to be told how long it is, and may choose the short set; without network she may have begun."""
        return not self.choice and self.offers_short


def leaves_out(choice: str) -> bool:
    """Say whether a choice says that a node is not her field: of her answers there none counts."""
    return choice == NodeAnswering.SKIP
