"""The running network: a child process that holds it, the client that talks to it, and tiling for large pictures."""
