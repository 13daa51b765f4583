"""What the simulated inverter says and takes over Modbus."""
