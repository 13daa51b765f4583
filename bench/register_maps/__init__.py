"""Register maps of inverters: files of a laboratory to values the driver works from, and a look at a device."""
