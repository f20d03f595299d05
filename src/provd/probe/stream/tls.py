"""What TLS needs of files: who is trusted, and who we are."""

import ssl
from pathlib import Path


class TlsFilesError(Exception):
    """A file for TLS can't be used; ``str()`` says which, why, and what to do.

    ``option`` is the parameter of TlsFiles that it came with, ``reason`` the system's, where the file could
    not even be read.
    """

    def __init__(self, words: str, option: str, reason: OSError | None = None) -> None:
        super().__init__(words)
        self.option = option
        self.reason = reason


class TlsFiles:
    """The issuers that we trust and our own certificate, as ``ssl`` wants them. All files are PEM.

    ``ca_file`` has the trusted issuers' certificates, in the place of the system's. ``cert_file`` has the
    certificate that we show to peers that ask for one, with its chain, and ``key_file`` its key; without
    the latter the key is in ``cert_file`` too. Files are read here, once; raises TlsFilesError when one
    can't be used. The system's issuers are read when somebody is first to be verified.
    """

    def __init__(
        self, ca_file: Path | None = None, cert_file: Path | None = None, key_file: Path | None = None
    ) -> None:
        if key_file is not None and cert_file is None:
            raise TlsFilesError(
                f"the key {key_file} has no certificate: give the certificate's file too", "key_file"
            )
        for error in unreadable(ca_file, cert_file, key_file):
            raise error
        self.has_certificate = cert_file is not None
        self._verifying, self._trusting = _context(), _context()
        self._has_issuers = ca_file is not None
        if ca_file is not None:
            _trust(self._verifying, ca_file)
        self._trusting.check_hostname = False
        self._trusting.verify_mode = ssl.CERT_NONE
        if cert_file is not None:
            for context in (self._verifying, self._trusting):
                _show(context, cert_file, key_file or cert_file)

    def context(self, *, verify: bool) -> ssl.SSLContext:
        """The settings of a connection; without ``verify`` any certificate of the peer will do."""
        if not verify:
            return self._trusting
        if not self._has_issuers:  # takes some 20 ms, for which a start need not wait
            self._verifying.load_default_certs()
            # OpenSSL does not tell when no more files may be opened: then it is tried anew the next time
            self._has_issuers = bool(self._verifying.cert_store_stats()["x509"])
        return self._verifying


def unreadable(ca_file: Path | None, cert_file: Path | None, key_file: Path | None) -> list[TlsFilesError]:
    """What is wrong with each of the files that can't be read at all."""
    errors = []
    for option, path in (("ca_file", ca_file), ("cert_file", cert_file), ("key_file", key_file)):
        try:
            if path is not None:
                path.open("rb").close()
        except OSError as error:
            words = f"{path} can't be read: {error.strerror or error}"
            errors.append(TlsFilesError(words, option, error))
    return errors


def _context() -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.options |= ssl.OP_NO_RENEGOTIATION  # so that writing never has to wait for reading
    # Python's own list leaves out what OpenSSL, and so many a SIP server, still speaks
    made.set_ciphers("DEFAULT")
    return made


def _trust(context: ssl.SSLContext, ca_file: Path) -> None:
    try:
        context.load_verify_locations(ca_file)
    except ssl.SSLError:
        raise TlsFilesError(f"{ca_file} has no CA certificate in PEM form", "ca_file") from None


def _show(context: ssl.SSLContext, cert_file: Path, key_file: Path) -> None:
    key_option = "cert_file" if key_file == cert_file else "key_file"

    def no_password() -> str:
        raise TlsFilesError(f"the key {key_file} has a password: give one without", key_option)

    try:
        context.load_cert_chain(cert_file, key_file, no_password)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            option, words = key_option, f"the key {key_file} is not that of the certificate {cert_file}"
        elif key_file == cert_file:
            option, words = "cert_file", f"{cert_file} has no certificate with its key in PEM form"
        else:
            option = "cert_file"
            words = f"{cert_file} has no certificate, or {key_file} no key, in PEM form"
        raise TlsFilesError(words, option) from None
