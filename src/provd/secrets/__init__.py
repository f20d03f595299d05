"""The vault: where the carriers' API keys are kept, behind references that the store may hold."""
