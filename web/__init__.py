"""The web page: the figures of this moment and issued reports for a browser, without a login."""
