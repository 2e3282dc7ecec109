"""A collection on disk: what lies where in it, who holds it, of which site it is."""
