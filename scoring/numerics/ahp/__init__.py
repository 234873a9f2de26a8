"""From judgements to weights: the analytic hierarchy process, batched over experts, nodes and draws."""
