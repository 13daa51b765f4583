"""What a grid code asks: files, requirements, limits, curves, and who may change which number."""
