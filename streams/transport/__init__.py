"""The transport of Faust: a consumer that reads batches, and an outbox for records to send."""
