"""The newsletter's ports over SQL, and the streams that it reads."""
