"""The control service's own SQLite file: tables, migrations, and all of its SQL."""
