"""What a procedure does to the inverter beyond settling, applying and judging, by subject."""
