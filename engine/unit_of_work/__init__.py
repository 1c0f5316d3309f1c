"""The step as one transaction: made, written, made again when overtaken, looked up when its answer is lost."""
