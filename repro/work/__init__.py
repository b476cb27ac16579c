"""The work folder: its lock and its files, run.json, the journal, which files are pictures."""
