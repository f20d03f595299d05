"""Files with providers and routes, of ours and of other engines: written and read, without I/O."""
