"""
What Django asks of a database at every request, for a site whose views open their own connections. Its real ones all need
sqlparse, whose archive no mirror in reach had.
"""


class DatabaseWrapper:
    def __init__(self, settings_dict, alias):
        self.settings_dict = settings_dict
        self.alias = alias
