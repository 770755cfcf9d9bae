"""Everything that holds Muster to what it promises; README.md in this folder says which test holds which promise."""
