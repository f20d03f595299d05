"""Import of many providers and routes: lines from a stream, checked one by one, written in batches."""
