"""From a message to its JSON, and back."""
