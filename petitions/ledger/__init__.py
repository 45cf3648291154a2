"""The transparency log: pure functions over bytes. No IO, no clock, no randomness, no key kept."""
