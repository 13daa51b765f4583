"""What a reader should see of a trial."""
