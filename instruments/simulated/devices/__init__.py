"""Simulated instruments: what each one answers, from the manuals of their makers."""
