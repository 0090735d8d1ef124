"""Django's settings. ``base`` holds what is the same everywhere, ``derived`` turns the environment of one instance into
settings, and ``dev``, ``demo``, ``test`` and ``production`` put the two together."""
