"""The socket API: HTTP and JSON over a Unix socket, and who may call what."""
