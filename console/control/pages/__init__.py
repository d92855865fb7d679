"""The two pages that the control service shows itself: sign in, and a link that is used up."""
