"""The demonstration: content in our own words about real work of civil society, for instances that nobody takes for the
real thing. Facts only; what is not known stays empty; a notice on every page says what it is. ``manage.py load_demo``
calls ``load``; whoever shows the demonstration calls ``publish_next``."""

from .load import Loaded, load
from .next import Published, publish_next

__all__ = ["Loaded", "Published", "load", "publish_next"]
