"""Near-copies: documents whose bodies say much the same in the same words, and why."""
