"""Settings of installed inverters against a grid code: read over Modbus, judged, never written."""
