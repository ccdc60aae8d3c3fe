"""The machinery's own tests, over the small repository in `shelf`."""
