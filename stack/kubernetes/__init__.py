"""The parts of deploy/kubernetes that come from the contract, the rules and the dashboards."""
