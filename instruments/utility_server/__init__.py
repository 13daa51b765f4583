"""A utility server after IEEE 2030.5 and CSIP-AUS that says what the bench has it say (extra `csip`)."""
