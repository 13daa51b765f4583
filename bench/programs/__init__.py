"""What is applied to an inverter, in which order and for how long."""
