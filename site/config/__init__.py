"""The installation: settings, addresses, web server, worker and database of one instance. Nobody imports this
package."""
