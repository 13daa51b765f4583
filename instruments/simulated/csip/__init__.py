"""A site's client of a utility server: a small independent implementation of what a gateway does."""
