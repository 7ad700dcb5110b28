"""Training of the generator and of the gate's reader: nothing here is needed to fill."""
