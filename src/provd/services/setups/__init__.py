"""Setting trunks up at carriers: from a key to a provider, and back."""
