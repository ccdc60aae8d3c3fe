"""What connects the bus to databases and brokers: pay for what you import."""
