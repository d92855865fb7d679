"""Headroom: with one replica less, would the others carry the present load?"""

from dataclasses import dataclass

from console.control.services.guards.guard import Answer, Asked, ok, refused, unknown
from console.control.services.headroom import ROLE, HeadroomCheck

REMEDY = f"Scale {ROLE} up by one first, or wait until there is less to do."


@dataclass(frozen=True, slots=True)
class EnoughHeadroom:
    """Asks only for experiments that take a replica away; all of them is the blast radius' case."""

    check: HeadroomCheck

    def __call__(self, asked: Asked) -> Answer:
        hits = [hit for hit in asked.experiment.hits if hit.target == ROLE and hit.takes_away]
        if not any(not hit.each for hit in hits):
            return ok(f"It leaves no {ROLE} replica to carry another's load.")
        said = self.check.without(1)
        match said.carries:
            case "yes":
                return ok(said.words)
            case "no":
                return refused(said.words, REMEDY)
            case "unknown":
                return unknown(said.words, "See whether Prometheus runs: `pharos status`.")
