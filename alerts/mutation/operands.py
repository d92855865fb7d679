"""Where the operands of `and`, `or` and `unless` begin and end in a row of tokens."""

from alerts.tokens import Token

# `and` and `unless` bind more tightly than `or`; all else more tightly than these.
_STRENGTH = {"or": 0, "and": 1, "unless": 1}


def left_of(found: list[Token], index: int) -> int:
    """Return the place in the text where the left operand of the operator begins.

    Operators of the same strength belong to the left one.
    """
    operator = found[index]
    begin = operator.start
    for token in reversed(found[:index]):
        if _ends(token, operator, weaker_only=True):
            return begin
        begin = token.start
    return begin


def right_of(found: list[Token], index: int) -> int:
    """Return the place where the right operand ends."""
    operator = found[index]
    end = operator.end
    for token in found[index + 1 :]:
        if _ends(token, operator, weaker_only=False):
            return end
        end = token.end
    return end


def _ends(token: Token, operator: Token, *, weaker_only: bool) -> bool:
    if token.depth < operator.depth or (token.depth == operator.depth and token.text == ","):
        return True
    strength = _STRENGTH.get(token.text)
    if strength is None or token.depth != operator.depth or token.braces:
        return False
    own = _STRENGTH[operator.text]
    return strength < own or (strength == own and not weaker_only)
