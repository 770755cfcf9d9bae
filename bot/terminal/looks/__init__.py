"""What `muster doctor` looks at: one function a thing, each standing alone, so that none hides another."""
