"""Methods that make residuals zero: Newton, logarithms, paths and the regimes of quotas."""
