"""Every widget in a real browser: each control is moved to both ends, and something has to change."""
