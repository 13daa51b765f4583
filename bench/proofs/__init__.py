"""What trying the catalogues of wrong inverters and troubled benches showed."""
