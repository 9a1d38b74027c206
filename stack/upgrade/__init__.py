"""What a newer release changes for the installation in a folder."""
