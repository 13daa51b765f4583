"""A finished run judged once more from its evidence alone, without any instrument."""
