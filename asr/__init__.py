"""Audio in, transcript out: audio -> pcm -> spans -> segments -> transcript."""
