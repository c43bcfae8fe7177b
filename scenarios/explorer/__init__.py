"""The explorer: a web application on this machine that composes, runs and compares scenarios (`cge explore`)."""
