"""The only room that knows the words of the wire. It turns our values into ActivityStreams documents (``build``), and
strangers' documents into our values (``parse``); it cleans HTML both ways. Pure: no Django, no network, no clock."""
