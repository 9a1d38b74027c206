"""What two processes say to each other of files that no book describes yet."""
