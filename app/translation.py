"""Which engine translates captions, and how: from what a user wishes to a stage."""
