"""The sandbox's pages, without a browser."""
