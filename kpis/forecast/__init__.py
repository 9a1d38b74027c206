"""The forecast of a period's total: the days it is made from, the method, and the band."""
