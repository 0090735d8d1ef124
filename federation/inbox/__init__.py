"""What others tell us: a signed POST is authenticated, stored and answered at once; a worker handles it later. Nothing
here acts on what was not verified. ``views`` calls ``receive``, the job engine calls ``dispatch``."""
