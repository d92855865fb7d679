"""What has to be well before a drill starts: a file a guard, and one table of who passes which."""
