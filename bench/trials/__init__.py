"""A run and its trials: what a procedure holds in its hands."""
