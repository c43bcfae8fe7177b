"""The names of `cge.scenarios.economy.setting` at the place where programs of before look for them."""

from cge.scenarios.economy.setting import Setting, elasticities_of, setting

__all__ = ["Setting", "elasticities_of", "setting"]
