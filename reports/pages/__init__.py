"""The pages of a daily, weekly and monthly report, as trees."""
