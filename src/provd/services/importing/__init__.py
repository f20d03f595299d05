"""Import of many providers at once: lines from a stream, checked one by one, written in batches."""
