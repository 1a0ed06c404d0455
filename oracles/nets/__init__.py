"""The nets of ref_layers.nets written again in each framework, trained by its own optimizer.

A file `<framework>_nets.py` has one function a net, named as the net: parameters by name and a
batch in, scores out; and a `Trainer`. Nothing here imports ref_layers, nor a framework until it is
asked.
"""
