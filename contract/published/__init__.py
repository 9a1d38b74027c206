"""What is published of the contract for other systems: schemas, AsyncAPI, docs/events.md."""
