"""Delivery: reports and alerts are sent by e-mail, to group robots, and into folders."""
