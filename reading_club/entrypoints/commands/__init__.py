"""What the commands do. `database` is what `--database` named, or `None` for the settings'."""
