"""Issuing: which reports are due, and what an issued one revises."""
