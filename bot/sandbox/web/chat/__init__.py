"""The workspace page: channels, messages, threads, forms, as one person sees them."""
