"""The forecast's band: how far the total of the days to come may lie from what is expected.

Theta is ARIMA(0,1,1) with drift (Hyndman and Billah 2003).  A surprise e in one month therefore
adds e to that month and alpha·e to each later one.  statsmodels gives intervals for single months
only, and their errors must not be added up as if they were independent.

A surprise is measured as a share of the level at its time, and counts at today's level: a port
that has grown fourfold errs by four times as many TEU.
"""

import numpy as np
from numpy.typing import NDArray

LEVELS = (("0.80", 1.383), ("0.95", 2.262))
"""Each level of the band, and how many standard errors on either side hold that share.

They are the quantiles of Student's t with 9 degrees of freedom.  A normal distribution (1.282 and
1.960) held 77 and 91 % of Houston's years: the surprises of real ports have heavier tails, as in
2008 and 2020.  Of 5 to 30 degrees, 9 came nearest to 80 and 95 % on the calibrating series
(docs/forecast.md).
"""
LEAST_LEVEL = 0.5  # of the mean rate: what comes singly, like signings, may pause for some months


def surprise(rates: NDArray[np.float64], alpha: float, spent: float) -> tuple[float, float]:
    """The standard deviation of one month's surprise as a share of the level, and the level now.

    `rates` are without season and have the mean 1.  The level follows them by exponential
    smoothing with `alpha`; a surprise is the share by which a month lies off the level before it.
    `spent` is the degrees of freedom that season and trend cost; the first level costs one more.
    """
    level, squares = float(rates[0]), 0.0
    for rate in map(float, rates[1:]):  # numpy's own floats can't be sent to another process
        squares += ((rate - level) / max(level, LEAST_LEVEL)) ** 2
        level += alpha * (rate - level)
    return float(np.sqrt(squares / (len(rates) - 1 - spent))), max(level, LEAST_LEVEL)


def error_of_sum(weights: NDArray[np.float64], alpha: float) -> float:
    """The standard error of the coming months' weighted sum, if that of one surprise is 1.

    Month j's surprise counts by its own weight and by alpha times the weights after it.
    """
    later = weights.sum() - weights.cumsum()
    return float(np.sqrt(((weights + alpha * later) ** 2).sum()))
