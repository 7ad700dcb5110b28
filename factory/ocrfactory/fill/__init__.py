"""Characters that a font lacks, drawn in its style by a generator and admitted only through a gate."""
