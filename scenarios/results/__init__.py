"""What a solved scenario holds, kept on disk and side by side with others."""
