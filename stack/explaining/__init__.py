"""Figures taken apart to their records: the register is brought up to date, asked and checked."""
