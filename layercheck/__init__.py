"""The engine: questions, judgement, and the run that ties them together."""
