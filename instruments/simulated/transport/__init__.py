"""How bytes reach the simulated instruments, over what, in which order, and what may go wrong with them."""
