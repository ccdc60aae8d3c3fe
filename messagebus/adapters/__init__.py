"""Adapters connect the bus to databases, brokers and frameworks. Each import loads one of them."""
