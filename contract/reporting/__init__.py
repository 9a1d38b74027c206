"""Reports: when they are issued, what is kept of an issued one, and remarks on days."""
