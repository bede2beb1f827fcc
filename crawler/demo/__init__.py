"""Replicas of the five sites: stories, the pages that print them, and an HTTPS server on the loopback interface."""
