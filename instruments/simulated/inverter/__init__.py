"""The inverter of the simulated world: what it is set to, what it sees, how its power follows."""
