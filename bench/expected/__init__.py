"""Budgets of what will be judged, worked out before the run; `bench.expected_budgets` lists them."""
