"""The rules, a module each: its docstring is its page, its ``RULE`` the rule."""
