"""One file per kind of activity, each with one function: ``handle(activity, now) -> Outcome``. The activity is verified
as its actor's; what it is about is not, until the handler has checked that the actor may say so (AU-04). They run in a
transaction of ``dispatch``'s, may run again after a trouble, and may be told the same thing twice."""
