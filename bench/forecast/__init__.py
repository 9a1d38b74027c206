"""The back-test, which compares the forecast with simple methods."""
