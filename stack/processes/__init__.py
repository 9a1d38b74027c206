"""The processes of one installation: started, watched, restarted and stopped."""
