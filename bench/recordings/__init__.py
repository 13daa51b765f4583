"""Recordings made elsewhere: reading and judging them."""
