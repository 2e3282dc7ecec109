"""Sites: what is known of each news site, as TOML profiles in this folder, and their reader."""
