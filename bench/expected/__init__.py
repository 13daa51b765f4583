"""Budgets of what will be judged, worked out before the run; `bench.verdicts.expected_budgets` lists them."""
