"""`python -m bot.sandbox --port N` runs the sandbox as a process of its own."""

from bot.sandbox.server import main

if __name__ == "__main__":
    main()
