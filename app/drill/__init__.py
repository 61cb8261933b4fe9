"""The crash drill: real recordings in processes of their own, real faults, and what was lost."""
