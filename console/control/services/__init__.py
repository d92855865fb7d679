"""What the control service does, without HTTP: each method is one decision or one change."""
