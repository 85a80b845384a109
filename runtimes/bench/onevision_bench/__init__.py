"""Measures an engine against the plan: random weights of true dimensions, start, memory, TTFT, TPOT, throughput. Standard library only."""
