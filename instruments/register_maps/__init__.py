"""What a vendor's register map says, as values: driver and simulated device work from the same ones.

Files are read and checked by `bench.register_maps`.
"""
