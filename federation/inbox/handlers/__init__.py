"""One file per kind of activity. ``handle(activity, brought, now) -> Outcome`` runs in a transaction of ``dispatch``'s,
where the client refuses to ask anybody. What has to be asked for first is fetched by ``fetch(activity, client) ->
Brought``, outside of any transaction; it writes nothing, and where ``handle`` would refuse, it asks for nothing.

The activity is verified as its actor's; what it is about is not, until the handler has checked that the actor may say
so (AU-04). Both parts may run again after a trouble, and may be told the same thing twice."""
