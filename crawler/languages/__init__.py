"""Which language each paragraph speaks: plain functions over strings."""
