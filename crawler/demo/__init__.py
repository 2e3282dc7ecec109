"""The built-in news site: a real server on loopback, with prose written for it."""
