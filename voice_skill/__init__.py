"""Smart speakers: an Alexa envelope or a satellite's words -> utterance -> answer -> SSML and card, or a line for the ear."""
