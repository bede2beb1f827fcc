"""One site, one file: its layouts, newest first, then its spider."""
