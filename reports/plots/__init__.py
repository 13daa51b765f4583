"""Drawings of what was measured, as SVG."""
