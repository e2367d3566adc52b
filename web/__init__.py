"""The outside: the app put together, settings, the command line, the endpoint and the pages."""
