"""How far an action is, as a note with a bar."""

from console.components import markup
from console.schemas import Action

TONES: dict[str, markup.Tone] = {"running": "", "done": "good"}


def title(action: Action) -> str:
    """Return what it does to what."""
    to = f" to {action.wanted}" if action.kind == "scale" else ""
    return f"{action.kind} {action.target}{to}"


def bar(action: Action) -> str:
    """Return the note; tests find it by its kind and state."""
    share = 100 if action.state == "done" else 100 * action.ready / max(action.wanted, 1)
    words = f"{title(action)}: {action.state}. {action.progress}"
    return (
        f'<div class="ph-note ph-tone-{TONES.get(action.state, "bad")}" '
        f'data-action="{action.state}" data-kind="{action.kind}" role="status">'
        f'{markup.safe(words)}<div class="ph-bar"><i style="width:{min(share, 100):.0f}%"></i>'
        "</div></div>"
    )
