"""The parts that all file readers share: streams of elements, codes, times, and outcomes."""
