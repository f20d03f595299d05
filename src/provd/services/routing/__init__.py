"""Routes, and who would carry a call now."""
