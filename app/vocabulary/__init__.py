"""The names and terms of a user's meetings, and what recognition gets wrong again and again."""
