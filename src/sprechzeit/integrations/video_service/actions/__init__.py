"""What is done about the video service."""
