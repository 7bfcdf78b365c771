"""The smart speaker: Alexa envelope -> utterance -> answer -> SSML and card."""
