"""What can go wrong with the vault. No message ever has a secret in it."""


class VaultError(Exception):
    """The vault can't do it; ``str()`` says what is wrong and what to do."""


class KeyringUnavailable(VaultError):
    """The keyring can't be used: it is locked, missing, damaged or silent, or its master key is."""


class SecretMissing(VaultError):
    """The keyring works and has no such entry."""
