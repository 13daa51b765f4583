"""The message rules of IEEE 488.2 and SCPI-99, for any simulated instrument."""
