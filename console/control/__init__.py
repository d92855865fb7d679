"""The control service: state, scaling, drills and audit, behind roles and reasons."""
