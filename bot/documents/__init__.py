"""Templates in, text out: pure but for reading templates."""
