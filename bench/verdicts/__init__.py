"""From a measured value to a verdict, and what can be known of it before the run."""
