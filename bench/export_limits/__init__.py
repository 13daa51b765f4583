"""Export limits: regimes and cases as data, what is expected of each step, how it is judged and shown."""
