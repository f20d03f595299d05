"""Call records of other programs, line by line: nothing here reads a file or knows the time."""
