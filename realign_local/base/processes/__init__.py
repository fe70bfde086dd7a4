"""Work that is done in other processes of this program."""
