"""What a class hands in: files, folders and archives as platforms export them, a student each."""
