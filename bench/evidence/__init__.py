"""What a run leaves behind: journal, files, calls."""
