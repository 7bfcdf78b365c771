"""Utterance in, answer out: utterance -> query -> hits -> answer. Knows no channel."""
