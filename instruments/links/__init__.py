"""Bytes to and from instruments: messages through VISA, registers over Modbus, and their transcript."""
