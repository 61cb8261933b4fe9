"""Translation of captions: a protocol, one file per engine, and the policy for growing text."""
