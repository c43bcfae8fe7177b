"""A package, so that the tests folder which some other package installs is not taken for it."""
