"""The names that the errors of scenarios had before the family of `cge.errors`, for programs that catch them."""

from cge.errors import PolicyError, RequestError, SolveError

UserError = RequestError
ScenarioError = PolicyError

__all__ = ["PolicyError", "RequestError", "ScenarioError", "SolveError", "UserError"]
