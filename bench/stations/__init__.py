"""What a laboratory has: station and inverter files, connected instruments, the guard, the safe state."""
