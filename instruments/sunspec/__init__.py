"""SunSpec as it is published: which points a model has, where they lie, how registers become values."""
