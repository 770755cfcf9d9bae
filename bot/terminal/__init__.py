"""What `muster` does when it is typed in a terminal: a room for each kind of verb; bot/cli.py declares them."""
