"""The article in Jupyter: the server, what the cells call, Graphviz's command."""
