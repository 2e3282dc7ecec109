"""Whether the pages of a site still say what they said: a redesign shows in what can no longer be read from them."""
