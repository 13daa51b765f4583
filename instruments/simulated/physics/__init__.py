"""What electricity does: source, contactor, loads, island, and the log that every reading is computed from."""
