"""The subcommands of `quaymark report` that issue, keep, note and send."""
