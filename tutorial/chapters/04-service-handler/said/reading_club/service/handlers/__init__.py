"""The club's handlers, one module for each thing they care for."""
