"""The proof: IPOPT on the Pyomo model, compiled once."""
