"""An index built from a dump or from rows: read, cut, encoded, assembled, resumed."""
