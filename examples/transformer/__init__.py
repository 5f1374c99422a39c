"""A small language model, data-parallel over its batch and model-parallel over its heads and hidden units.

    python -m examples.transformer.train

A function that is written for one sequence and one shard of the weights is mapped over `{'batch': 'data', 'shard':
'model'}`; nothing in it knows how many devices there are.
"""
